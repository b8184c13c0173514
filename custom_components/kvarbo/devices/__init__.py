"""What is in the home: help buttons, sensors and, later, health, pairing and commissioning."""
