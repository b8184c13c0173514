"""When to try again (A4): 10 s three times, 30 s sixteen times, then every ten minutes, for ever.

The figures are those of the most persistent alarm units on the market, tightened at the start
(field.md).
"""

from typing import Final

QUICK: Final = (3, 10.0)
STEADY: Final = (16, 30.0)
PATIENT: Final = 600.0

#: A receiver that says `hold` without a time is asked again after this long, seconds; SS 91100
#: allows 5-20.
HOLD_AGAIN: Final = 10.0
HOLD_SHORTEST: Final = 5.0
HOLD_LONGEST: Final = 20.0


def retry_delay(failures: int) -> float:
    """Return seconds to wait after the `failures`-th attempt without an answer, counted from 1."""
    if failures <= QUICK[0]:
        return QUICK[1]
    if failures <= QUICK[0] + STEADY[0]:
        return STEADY[1]
    return PATIENT


def hold_delay(asked: float | None) -> float:
    """Return seconds until a held message is sent again.

    What the receiver asks for is kept within 5-20 s.
    """
    if asked is None:
        return HOLD_AGAIN
    return min(max(asked, HOLD_SHORTEST), HOLD_LONGEST)
