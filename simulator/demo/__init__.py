"""The demo: a municipality, a home's radio and a real Home Assistant, and its resident's press and night."""
