"""docs/data.md is what the gate lets through, and names all that stands beside it on the wire (R10)."""

from collections.abc import Iterable
import re

import pytest

from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.catalogue import CATALOGUE, DataClass
from custom_components.kvarbo.transmission.rest.settings import Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import ScaipSettings, read_credentials
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from scripts.lib.data_page import PAGE, page
from simulator.municipality import Municipality
from simulator.municipality.scaip_port import ScaipOptions
from tests.transmission.rest.rest_sample import a_beat, a_dispatch, a_receiver, an_alarm
from tests.transmission.rest.rest_server import accepted, serving

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_file_is_what_the_code_goes_by() -> None:
    assert page() == TEXT, "run scripts/contract"


def test_every_field_is_in_the_table_of_its_class() -> None:
    for data_class, title in (
        (DataClass.ALARM, "Alarms"),
        (DataClass.STATUS, "Signs of life"),
        (DataClass.AGGREGATE, "Monthly figures"),
    ):
        section = TEXT.split(f"## {title}\n")[1].split("\n## ")[0]
        told = set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))
        assert told == {str(f) for f, e in CATALOGUE.items() if data_class in e.classes}


def listed(protocol: str) -> set[str]:
    [row] = re.findall(rf"^\| {protocol} \| (.*) \|$", TEXT, re.MULTILINE)
    return {name.split(":")[0].lower() for name in re.findall(r"`([^`]+)`", row)}


@pytest.mark.usefixtures("socket_enabled")
async def test_every_header_of_a_request_is_listed() -> None:
    async with serving(accepted()) as server:
        receiver = a_receiver(server.url)
        await receiver.send(a_dispatch(alarm=an_alarm()))
        await receiver.heartbeat(a_beat())
        await receiver.close()
    names = {name.lower() for request in server.requests for name in request.headers}
    assert names
    assert unlisted(names - {"authorization"}, listed("HTTP")) == []


@pytest.mark.usefixtures("socket_enabled")
async def test_every_header_of_sip_is_listed() -> None:
    options = ScaipOptions(users={"4711": "s3cret"}, tls=None)
    async with Municipality(token="t", scaip=options) as municipality:
        assert municipality.scaip is not None
        here = SipUri(host="127.0.0.1", user="larm")
        port = municipality.scaip.ports["tcp"]
        receiver = ScaipReceiver(
            settings=ScaipSettings(
                receiver=here,
                own=SipUri(host="localhost", user="4711"),
                route=SipUri(host="127.0.0.1", port=port, params={"transport": "tcp"}),
                credentials=read_credentials("4711", "s3cret"),
                registers=True,
                instance="urn:uuid:1",
                trust=Trust(),
            ),
            profile=ScaipProfile(name="mrq", dialect=Dialect.MRQ),
            language=Language.EN,
            controller="4711",
            clock=SystemClock(),
        )
        await receiver.probe(a_beat())
        await receiver.heartbeat(a_beat())
        await receiver.send(a_dispatch())
        await receiver.close()
        exchanges = list(municipality.record._exchanges)
    names = {name.lower() for exchange in exchanges for name, _ in exchange.headers}
    assert {"via", "call-id", "user-agent"} <= names
    assert unlisted(names - {"content-length"}, listed("SIP")) == []


def unlisted(names: Iterable[str], known: set[str]) -> list[str]:
    return sorted(set(names) - known)
