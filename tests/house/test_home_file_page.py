"""docs/home-file.md is what the code reads a home file by."""

import re

from custom_components.kvarbo.home_file.reader import read_home_file
from scripts.lib.home_file_page import PAGE, page
from tests.home_file.making import FULL


def test_the_page_is_what_the_code_goes_by() -> None:
    assert page() == PAGE.read_text("utf-8"), "run scripts/contract"


def test_every_key_of_a_full_file_is_on_the_page() -> None:
    assert read_home_file(FULL).rules
    names = set(re.findall(r"^[ -]*([a-z_]+):", FULL, re.MULTILINE))
    text = page()
    assert {name for name in names if f"`{name}`" not in text and f"`{name}:" not in text} == set()
