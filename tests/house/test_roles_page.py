"""docs/roles.md is what the code goes by, and every role says how it is made to speak, in both languages."""

import json
from pathlib import Path

from custom_components.kvarbo.devices.fitting import FITTING
from scripts.lib.roles_page import PAGE, page

TRANSLATIONS = Path("custom_components/kvarbo/translations")


def test_the_file_is_what_the_code_goes_by() -> None:
    assert page() == PAGE.read_text("utf-8"), "run scripts/contract"


def test_every_role_says_how_it_is_made_to_speak() -> None:
    for language in ("en", "sv"):
        texts = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
        said = texts["selector"]["speaks"]["options"]
        assert set(said) == {str(role) for role in FITTING}
        assert all(text.endswith(".") and "  " not in text for text in said.values())


def test_no_role_takes_a_picture() -> None:
    """R03."""
    assert not {"camera", "image"} & {domain for fits in FITTING.values() for domain in fits}
