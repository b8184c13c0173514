"""The second form of a receiver: heartbeat, order, profile, certificates; each error on its own field."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
import json
from pathlib import Path
import threading
from typing import Any

from cryptography.hazmat.primitives import serialization
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest
import pytest_asyncio

from custom_components.kvarbo.transmission.rest.profile import LONGEST, Problem, built_in
from custom_components.kvarbo.transmission.rest.settings import LONGEST_PEM
from simulator.municipality import Municipality
from simulator.municipality.certificates import Authority, Pair
from simulator.testing_municipality import TOKEN

from .conftest import SetUp
from .talk import TEXTS, Talk, placeholders

ADVANCED = {"heartbeat": 5, "order": 1, "reached_by": "home"}
PROFILE = json.loads(built_in("kvarbo"))


class Papers:
    """A municipality's authority and a home's certificate, as the texts that a person pastes."""

    def __init__(self, folder: Path) -> None:
        authority = Authority.in_folder(folder / "municipality")
        one, other = authority.client("4711"), authority.client("4712")
        self.file = authority.file
        self.authority = authority.file.read_text()
        self.certificate, self.key = _texts(one)
        _, self.other_key = _texts(other)
        locked = serialization.load_pem_private_key(one.key.read_bytes(), None).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
        self.locked_key = locked.decode()


def _texts(pair: Pair) -> tuple[str, str]:
    return pair.certificate.read_text(), pair.key.read_text()


@pytest_asyncio.fixture
async def papers(tmp_path: Path) -> Papers:
    return await asyncio.to_thread(Papers, tmp_path)


@pytest_asyncio.fixture
async def talk(hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any]) -> Talk:
    """A dialog that stands at the second form."""
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**{**basic, "advanced": True})
    talk.at("advanced")
    return talk


async def test_what_is_set_there_is_saved(talk: Talk, demo_home: ConfigEntry[Any]) -> None:
    assert talk.filled_in() == ADVANCED
    profile = json.dumps(PROFILE)
    await talk.answer(heartbeat=10, order=3, profile=f" {profile}\n")
    talk.at("proved")
    await talk.answer()
    [subentry] = demo_home.subentries.values()
    assert subentry.data["heartbeat"] == 600
    assert subentry.data["order"] == 3
    assert subentry.data["profile"] == profile


async def test_a_heartbeat_is_whole_minutes_of_a_day(talk: Talk, subtests: pytest.Subtests) -> None:
    for minutes in (0, -1, 1441, 2.5, 1e300, float("inf"), float("-inf"), float("nan")):
        with subtests.test(minutes=minutes):
            await talk.answer(**{**ADVANCED, "heartbeat": minutes})
            assert talk.errors == {"heartbeat": "heartbeat_range"}
    await talk.answer(**ADVANCED)
    talk.at("proved")


@pytest.mark.parametrize("minutes", [1, 1440])
async def test_the_bounds_of_the_heartbeat_are_within(talk: Talk, minutes: int) -> None:
    await talk.answer(**{**ADVANCED, "heartbeat": minutes})
    talk.at("proved")


async def test_an_order_is_1_to_9(talk: Talk, subtests: pytest.Subtests) -> None:
    for order in (0, -1, 10, 1.5, float("nan")):
        with subtests.test(order=order):
            await talk.answer(**{**ADVANCED, "order": order})
            assert talk.errors == {"order": "order_range"}
    await talk.answer(**{**ADVANCED, "order": 9})
    talk.at("proved")


#: A profile, its problem, and where that is: the place or the line None when the writer's affair.
PROFILES: list[tuple[str, str, str | None, str | None]] = [
    ("{", "not_json", "/", "1"),
    ('{\n"schema": 1,\n"name": }', "not_json", "/name", "3"),
    ('{"schema": 1,\n"schema": 1}', "duplicate_key", "/schema", "2"),
    ("[" * 30, "too_deep", None, "1"),
    ('{"a": "\\ud800"}', "half_character", "/a", "1"),
    ('"half \ud800"', "not_text", "/", "-"),
    ("[]", "wrong_type", "/", "1"),
    ("{}", "missing", "/schema", "-"),
    (" " + "{" * (LONGEST + 1) + " ", "too_long", "/", "-"),
    (json.dumps({**PROFILE, "schema": 2}), "unknown_schema", "/schema", "1"),
    (json.dumps({**PROFILE, "extra": 1}, indent=0), "unknown_key", "/extra", None),
    (json.dumps({**PROFILE, "path": "no"}), "not_a_path", "/path", "1"),
    (json.dumps({**PROFILE, "headers": {"Cookie": "a"}}), "header_forbidden", None, "1"),
    (json.dumps({**PROFILE, "minimal": {"id": "$reference"}}), "home_missing", None, "1"),
]


async def test_an_error_in_a_profile_names_place_and_line(
    talk: Talk, subtests: pytest.Subtests
) -> None:
    for profile, error, place, line in PROFILES:
        with subtests.test(profile=repr(profile[:80])):
            await talk.answer(**ADVANCED, profile=profile)
            assert talk.errors == {"profile": error}
            assert place in (None, talk.told["place"])
            assert line in (None, talk.told["line"])
            assert talk.filled_in()["profile"] == profile.strip(), "what was typed is not lost"
    await talk.answer(**ADVANCED)
    talk.at("proved")


def test_every_problem_of_a_profile_says_where() -> None:
    for language in TEXTS.values():
        errors = language["config_subentries"]["receiver"]["error"]
        for problem in Problem:
            if problem not in (Problem.TOO_LONG, Problem.NOT_TEXT):
                assert placeholders(errors[problem]) == {"place", "line"}, problem


NO_PEM = ["x", "-----BEGIN \x00", "-----BEGIN CERTIFICATE-----\nåäö", "-----BEGIN X-----"]


async def test_authority_certificate_and_key_are_pem(
    talk: Talk, papers: Papers, subtests: pytest.Subtests
) -> None:
    pair = {"client_certificate": papers.certificate, "client_key": papers.key}
    for text in (*NO_PEM, "-----BEGIN " + "x" * LONGEST_PEM):
        error = "too_long" if len(text) > LONGEST_PEM else "not_pem"
        for field in ("ca_certificate", "client_certificate", "client_key"):
            with subtests.test(field=field, text=repr(text[:80])):
                await talk.answer(**{**ADVANCED, **pair, field: text})
                assert talk.errors == {field: error}
                assert "client_key" not in talk.filled_in(), "a key is not sent back"
    await talk.answer(**ADVANCED, **pair)
    talk.at("proved")


async def test_certificate_and_key_belong_together(talk: Talk, papers: Papers) -> None:
    await talk.answer(**ADVANCED, client_certificate=papers.certificate)
    assert talk.errors == {"client_key": "no_key"}
    await talk.answer(
        **ADVANCED, client_certificate=papers.certificate, client_key=papers.locked_key
    )
    assert talk.errors == {"client_key": "key_locked"}
    await talk.answer(
        **ADVANCED, client_certificate=papers.certificate, client_key=papers.other_key
    )
    assert talk.errors == {"client_key": "key_of_another"}
    await talk.answer(**ADVANCED, client_key=papers.key)
    assert talk.errors == {"client_certificate": "no_certificate"}
    await talk.answer(**ADVANCED, client_certificate=papers.certificate, client_key=papers.key)
    talk.at("proved")


async def test_all_that_is_wrong_is_told_at_once(talk: Talk) -> None:
    await talk.answer(heartbeat=0, order=0, profile="{", ca_certificate="x")
    assert talk.errors == {
        "heartbeat": "heartbeat_range",
        "order": "order_range",
        "profile": "not_json",
        "ca_certificate": "not_pem",
    }
    assert talk.filled_in()["heartbeat"] == 0, "what was typed is not lost"


# -- TLS -------------------------------------------------------------------------------------------


@pytest.fixture
def stranger(socket_enabled: None, papers: Papers) -> Iterator[str]:
    """The address of a municipality whose authority nobody knows.

    It has an event loop of its own: a handshake that the home breaks off is an error there, and
    Home Assistant's own loop must stay without one.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = Municipality(token=TOKEN, tls=papers.file.parent)
    asyncio.run_coroutine_threadsafe(running.start(), loop).result(10)
    yield running.url
    asyncio.run_coroutine_threadsafe(running.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def test_a_live_home_speaks_only_https_and_only_to_whom_it_can_trust(
    hass: HomeAssistant, set_up: SetUp, stranger: str, papers: Papers, basic: dict[str, Any]
) -> None:
    entry = await set_up(demo=False)
    # As a home from before the choice of a way out: the municipality is on loopback here.
    old = {key: value for key, value in entry.data.items() if key != "way_out"}
    hass.config_entries.async_update_entry(entry, data=old)
    talk = await Talk.add(hass, entry, "receiver")
    await talk.answer(**basic)  # http to loopback, which only a demo home may
    assert talk.errors == {"url": "not_https"}
    tls = {**basic, "url": stranger}
    await talk.answer(**tls)
    talk.at("proof_failed")
    assert "certifikat är inte betrott" in talk.told["words"]
    await talk.choose("edit")
    await talk.answer(**{**tls, "advanced": True})
    await talk.answer(**ADVANCED, ca_certificate=papers.authority)
    talk.at("proved")
    await talk.answer()
    [subentry] = entry.subentries.values()
    assert subentry.data["ca_certificate"] == papers.authority.strip()


@pytest_asyncio.fixture
async def municipality_mutual(socket_enabled: None, papers: Papers) -> AsyncGenerator[Municipality]:
    """It knows its homes by their certificates and asks for no token."""
    folder = papers.file.parent
    async with Municipality(token=None, tls=folder, client_ca=papers.file) as running:
        yield running


async def test_a_certificate_can_stand_in_place_of_a_token(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality_mutual: Municipality,
    papers: Papers,
    basic: dict[str, Any],
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver")
    mutual = {**basic, "url": municipality_mutual.url, "token": ""}
    await talk.answer(**mutual)
    assert talk.errors == {"token": "no_credentials"}
    await talk.answer(**{**mutual, "advanced": True})
    talk.at("advanced")
    await talk.answer(**ADVANCED, ca_certificate=papers.authority)
    assert talk.errors == {"client_certificate": "no_credentials"}
    certified = {
        "ca_certificate": papers.authority,
        "client_certificate": papers.certificate,
        "client_key": papers.key,
    }
    await talk.answer(**ADVANCED, **certified)
    talk.at("proved")
    await talk.answer()
    [subentry] = demo_home.subentries.values()
    assert {k: subentry.data[k] for k in certified} == {k: v.strip() for k, v in certified.items()}
    assert "token" not in subentry.data

    # Changing it: the key stays when its field is left empty, and goes with its certificate.
    change = await Talk.change(hass, demo_home, subentry)
    await change.answer(**{**mutual, "advanced": True})
    shown = change.filled_in()
    assert shown == {
        **ADVANCED,
        "ca_certificate": papers.authority.strip(),
        "client_certificate": papers.certificate.strip(),
    }
    await change.answer(**shown, client_key="")
    change.at("proved")
    await change.close()
    change = await Talk.change(hass, demo_home, subentry)
    await change.answer(**{**mutual, "advanced": True})
    await change.answer(**ADVANCED, ca_certificate=papers.authority)
    assert change.errors == {"client_certificate": "no_credentials"}
    assert subentry.data["client_key"] == papers.key.strip(), "nothing saved, nothing lost"
    # Before the municipality closes: see `set_up`.
    await hass.config_entries.async_unload(demo_home.entry_id)


async def test_settings_that_no_longer_hold_are_shown_where_they_can_be_mended(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any]
) -> None:
    """A profile from an older release, or a key that was changed by hand."""
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**basic)
    await talk.answer()
    [subentry] = demo_home.subentries.values()
    hass.config_entries.async_update_subentry(
        demo_home, subentry, data={**subentry.data, "profile": "{}"}
    )
    change = await Talk.change(hass, demo_home, subentry)
    await change.answer(**{**basic, "token": ""})
    assert change.page["step_id"] == "advanced"
    assert change.errors == {"profile": "missing"}
    assert change.told["place"] == "/schema"
    await change.answer(**ADVANCED)
    change.at("proved")
    await change.answer()
    assert subentry.data["profile"] == "kvarbo"
    assert subentry.data["token"] == TOKEN
