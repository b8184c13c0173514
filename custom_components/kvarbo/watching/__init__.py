"""The supervisor in a running home: its clock, its disk, its triggers, and the alarms that come of it."""
