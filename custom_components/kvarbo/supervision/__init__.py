"""What the home watches: watchers, the states of a home, the resident's rhythm. Pure, replayable.

Time is home time as float seconds since 1970-01-01 UTC (S11); wall time is made of it by `wall`.
"""
