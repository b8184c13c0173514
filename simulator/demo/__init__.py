"""The demo: a municipality, a home's radio and a real Home Assistant, and a resident who presses."""
