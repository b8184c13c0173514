"""Kvarbo: a care-alarm gateway for a home."""
