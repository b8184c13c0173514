"""What is on disk: alarms, messages, deliveries, markers, watchers and the audit chain. Pure."""
