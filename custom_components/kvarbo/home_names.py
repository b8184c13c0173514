"""What a home may be called: its number at the municipality, and a label that names nobody (R07)."""

import re
from typing import Final

#: A controller id as SS 91100 and its like have it: so many digits.
_CONTROLLER: Final = re.compile(r"[0-9]{1,16}")
#: Longest label, in characters.
_LONGEST_LABEL: Final = 40
#: What looks like a Swedish personal identity number, also inside other text (R07).
_PERSONAL_NUMBER: Final = re.compile(r"(?<!\d)\d{6}(?:\d\d)?[-+ ]?\d{4}(?!\d)")


def is_controller(text: str) -> bool:
    """Tell whether a text can be a home's number."""
    return _CONTROLLER.fullmatch(text) is not None


def label_problem(label: str) -> str | None:
    """Return what is wrong with a label, as the key of its text; None for nothing."""
    if not 1 <= len(label) <= _LONGEST_LABEL:
        return "label_length"
    if not label.isprintable():
        return "label_not_printable"
    if _PERSONAL_NUMBER.search(label):
        return "label_personal_number"
    return None
