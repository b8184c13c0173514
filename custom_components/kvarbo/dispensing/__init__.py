"""What a medicine dispenser tells, and what the home makes of it. Pure."""
