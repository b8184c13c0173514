"""Alarms over HTTPS and JSON, to any receiver that a profile describes. See docs/rest.md."""
