"""A municipality and a home without hardware.

For development, demonstration and tests; nothing under ``custom_components`` imports it.
"""
