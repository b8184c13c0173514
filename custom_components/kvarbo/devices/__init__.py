"""What is in the home: sources of presses and, later, health, pairing and commissioning."""
