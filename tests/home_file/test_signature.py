"""A signature vouches for a text and for nothing else."""

import base64

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.home_file.reader import read_home_file
from custom_components.kvarbo.home_file.signature import (
    LINE,
    BadKeyError,
    check,
    is_key,
    new_keys,
    parted,
    sign,
)
from custom_components.kvarbo.home_file.tree import HomeFileError
from tests.home_file.making import FULL

PRIVATE, PUBLIC = new_keys()


def refusal(text: str, key: str = PUBLIC) -> str:
    with pytest.raises(HomeFileError) as refused:
        check(text, key)
    return refused.value.flaws[0].problem


def test_what_is_signed_is_vouched_for_and_read_as_before() -> None:
    signed = sign(FULL, PRIVATE)
    assert check(signed, PUBLIC) == FULL
    assert read_home_file(signed) == read_home_file(FULL)
    assert sign(signed, PRIVATE) == signed


def test_what_is_not_signed_is_refused() -> None:
    assert refusal(FULL) == "not_signed"


def test_another_s_signature_is_refused() -> None:
    assert refusal(sign(FULL, new_keys()[0])) == "wrong_signature"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_one_character_changed_is_refused(data: st.DataObject) -> None:
    body = FULL.rstrip()
    at = data.draw(st.integers(0, len(body) - 1))
    character = data.draw(st.characters(codec="utf-8", exclude_characters="\r"))
    changed = body[:at] + character + body[at + 1 :]
    if changed.rstrip() == body:
        return
    signature = sign(FULL, PRIVATE).rstrip().rsplit("\n", 1)[1]
    assert refusal(f"{changed}\n{signature}\n") == "wrong_signature"


@pytest.mark.parametrize("tail", ["", "\n\n", "\r\n"])
def test_mail_and_forms_may_change_line_ends(tail: str) -> None:
    signed = sign(FULL, PRIVATE)
    assert check(signed.replace("\n", "\r\n").rstrip() + tail, PUBLIC) == FULL


def test_nothing_may_stand_below_the_signature() -> None:
    assert refusal(sign(FULL, PRIVATE) + "rules:\n") == "not_signed"


@pytest.mark.parametrize("signature", ["", "x", "AAAA", base64.b64encode(bytes(64)).decode()])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert refusal(f"{FULL}{LINE}{signature}\n") == "wrong_signature"


def test_a_signature_of_a_text_without_the_words_in_front_is_none() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    bare = Ed25519PrivateKey.from_private_bytes(base64.b64decode(PRIVATE)).sign(FULL.encode())
    assert refusal(f"{FULL}{LINE}{base64.b64encode(bare).decode()}\n") == "wrong_signature"


@pytest.mark.parametrize(
    "key",
    ["", "x", "AAAA", "å" * 44, PUBLIC + "AAAA"],
    ids=["nothing", "a letter", "short", "letters", "long"],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    assert not is_key(key)
    with pytest.raises(BadKeyError):
        check(sign(FULL, PRIVATE), key)


def test_a_key_is_one() -> None:
    assert is_key(PUBLIC)
    assert parted(FULL).signature is None
