"""Figures of a home, counted without anybody's work: months, the first weeks, and when to ask how it goes (R33, R40).

Pure. They are the third class of data: they stay in the hub, and leave by the coordinator's export alone.
"""
