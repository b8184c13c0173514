"""The control API: what it does, and that a bad request gets an answer that names the field."""

from collections.abc import AsyncGenerator
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
import pytest
from zigpy_ziggurat.zigbee.protocol import NotificationCommand

from simulator.control import MAX_BODY
from simulator.testing import until
from simulator.zigbee import SimCoordinator
from simulator.zigbee.control import control_application
from simulator.zigbee.household import MAX_DEVICES, Household, StateError
from simulator.zigbee.kinds import DoorContact, SosPullCord

IEEE = "02:00:00:00:00:00:00:01"


@pytest.fixture
async def household(radio: SimCoordinator) -> AsyncGenerator[Household]:
    home = Household(radio)
    await home.open()
    yield home
    await home.close()


@pytest.fixture
async def api(household: Household) -> AsyncGenerator[TestClient[Any, Any]]:
    server = TestServer(control_application(household), host="127.0.0.1")
    async with TestClient(server) as client:
        yield client


async def fault(response: ClientResponse) -> tuple[int, str]:
    """Status and field of an error; fails unless it is the one JSON form."""
    answer = await response.json()
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"field", "message"}
    assert answer["error"]["message"]
    return response.status, answer["error"]["field"]


async def join(api: TestClient[Any, Any], radio: SimCoordinator, kind: str) -> dict[str, Any]:
    """Join a device without a host: the radio is opened by hand."""
    radio.started = True
    radio.permit_joins(60)
    async with api.post("/sim/join", json={"kind": kind, "ieee": IEEE}) as response:
        assert response.status == 201
        row: dict[str, Any] = await response.json()
    await until(lambda: radio.devices, what="the join")
    return row


async def test_it_lists_the_network_its_kinds_and_its_devices(
    api: TestClient[Any, Any], radio: SimCoordinator
) -> None:
    await join(api, radio, "WallButton")
    listing = await (await api.get("/sim")).json()
    assert listing["radio"] == radio.path
    assert listing["started"] is True
    assert listing["open"] is True
    assert listing["host_connected"] is False
    assert listing["kinds"]["WallButton"]["press"]["properties"]["pattern"]["enum"] == [
        "single",
        "double",
        "long",
    ]
    assert listing["kinds"]["WallButton"]["battery"]["properties"]["percent"] == {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
    }
    [row] = listing["devices"]
    assert row["ieee"] == IEEE
    assert row["kind"] == "WallButton"
    assert row["joined"] is True
    assert row["pairing"] is False
    assert row["actions"] == ["battery", "press"]


async def test_a_new_device_waits_with_its_button_pressed(
    api: TestClient[Any, Any], radio: SimCoordinator, household: Household
) -> None:
    radio.started = True
    rows = [
        await (await api.post("/sim/join", json={"kind": kind})).json()
        for kind in ("WallButton", "BedMat")
    ]
    assert [row["pairing"] for row in rows] == [True, True]
    assert [row["joined"] for row in rows] == [False, False]
    assert rows[0]["ieee"] != rows[1]["ieee"]
    radio.permit_joins(60)
    await until(lambda: len(radio.devices) == 2, what="both to join")
    assert not any(household.pairing(device) for device in household.devices.values())


async def test_it_operates_and_breaks_a_device(
    api: TestClient[Any, Any], radio: SimCoordinator, household: Household
) -> None:
    await join(api, radio, "SosPullCord")
    cord = household.devices[IEEE]
    assert isinstance(cord, SosPullCord)
    for action, body, state in (
        ("pull", {}, {"alarm": True}),
        ("battery", {"percent": 12.5}, {"battery": 12.5}),
        ("tamper", {}, {"tamper": True}),
        ("low_battery", {"on": True}, {"low_battery": True}),
        ("release", {}, {"alarm": False}),
    ):
        async with api.post(f"/sim/{IEEE}/{action}", json=body) as response:
            assert response.status == 200
            row = await response.json()
            assert row["state"].items() >= state.items()
            assert row["heard"] is False  # there is no host
    async with api.post(f"/sim/{IEEE.upper()}/reach", json={"on": False}) as response:
        assert (await response.json())["reachable"] is False
    async with api.post(f"/sim/{IEEE}/latency", json={"seconds": 0.5}) as response:
        assert (await response.json())["latency"] == 0.5
    async with api.post("/sim/radio/latency", json={"seconds": 0.25}) as response:
        assert (await response.json()) == {"latency": 0.25}
    assert radio.latency == 0.25
    async with api.post(f"/sim/{IEEE}/leave") as response:
        assert (await response.json())["joined"] is False
    async with api.post(f"/sim/{IEEE}/pair") as response:
        assert (await response.json())["pairing"] is True
    await until(lambda: cord.network, what="it to join again")


async def test_it_tells_what_a_host_heard_and_drops_the_radio(
    api: TestClient[Any, Any], radio: SimCoordinator
) -> None:
    await join(api, radio, "WallButton")
    async with api.session.ws_connect(radio.path) as host:
        await host.receive_bytes(timeout=5)
        assert radio.host_connected
        async with api.post(f"/sim/{IEEE}/press") as response:
            assert (await response.json())["heard"] is True
        sent = await host.receive_bytes(timeout=5)
        assert sent[0] == NotificationCommand.RECEIVED_APS
        async with api.post("/sim/radio/drop", json={"seconds": 30}) as response:
            assert await response.json() == {"host_connected": False}


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/sim/join", b"{", 400, "body"),
        ("/sim/join", b"[]", 400, "body"),
        ("/sim/join", b"\xff\xfe", 400, "body"),
        ("/sim/join", b"[" * 4000, 400, "body"),
        ("/sim/join", b'{"kind": NaN}', 400, "body"),
        ("/sim/join", b" " * (MAX_BODY + 1), 413, "body"),
        ("/sim/join", b"", 400, "kind"),
        ("/sim/join", b'{"kind": "__class__"}', 400, "kind"),
        ("/sim/join", b'{"kind": ["WallButton"]}', 400, "kind"),
        ("/sim/join", b'{"kind": "Lock", "ieee": "1"}', 400, "ieee"),
        ("/sim/join", b'{"kind": "Lock", "ieee": 7}', 400, "ieee"),
        ("/sim/join", b'{"kind": "Lock", "model": ""}', 400, "model"),
        ("/sim/join", b'{"kind": "Lock", "model": "a\\u0007"}', 400, "model"),
        ("/sim/join", b'{"kind": "Lock", "model": "' + b"a" * 33 + b'"}', 400, "model"),
        ("/sim/join", b'{"kind": "Lock", "colour": "red"}', 400, "colour"),
        ("/sim/join", b'{"kind": "Lock", "ieee": "%s"}' % IEEE.encode(), 409, "ieee"),
        (f"/sim/{IEEE}/press", b'{"pattern": "triple"}', 400, "pattern"),
        (f"/sim/{IEEE}/press", b'{"pattern": 1}', 400, "pattern"),
        (f"/sim/{IEEE}/press", b'{"times": 2}', 400, "times"),
        (f"/sim/{IEEE}/battery", b"{}", 400, "percent"),
        (f"/sim/{IEEE}/battery", b'{"percent": true}', 400, "percent"),
        (f"/sim/{IEEE}/battery", b'{"percent": 101}', 400, "percent"),
        (f"/sim/{IEEE}/battery", b'{"percent": 1e999}', 400, "percent"),
        (f"/sim/{IEEE}/reach", b"{}", 400, "on"),
        (f"/sim/{IEEE}/latency", b'{"seconds": -1}', 400, "seconds"),
        ("/sim/radio/latency", b'{"seconds": 61}', 400, "seconds"),
        ("/sim/radio/drop", b'{"seconds": "long"}', 400, "seconds"),
        (f"/sim/{IEEE}/pull", b"{}", 404, "action"),
        (f"/sim/{IEEE}/send", b"{}", 404, "action"),
        (f"/sim/{IEEE}/__init__", b"{}", 404, "action"),
        ("/sim/02:00:00:00:00:00:00:99/press", b"{}", 404, "ieee"),
        ("/nowhere", b"{}", 404, "path"),
        ("/sim", b"{}", 405, "path"),
    ],
)
async def test_a_bad_request_names_the_field_and_changes_nothing(
    api: TestClient[Any, Any],
    radio: SimCoordinator,
    path: str,
    body: bytes,
    status: int,
    field: str,
) -> None:
    await join(api, radio, "WallButton")
    await radio.idle(quiet=0)
    before, frames = await (await api.get("/sim")).json(), len(radio.frames)
    async with api.post(path, data=body) as response:
        assert await fault(response) == (status, field)
    assert await (await api.get("/sim")).json() == before
    assert len(radio.frames) == frames


async def test_a_device_in_its_box_cannot_be_operated(api: TestClient[Any, Any]) -> None:
    async with api.post("/sim/join", json={"kind": "WallButton", "ieee": IEEE}) as response:
        assert response.status == 201
    for action in ("press", "leave"):
        async with api.post(f"/sim/{IEEE}/{action}") as response:
            assert await fault(response) == (409, "device")


async def test_a_full_home_takes_no_more(api: TestClient[Any, Any], household: Household) -> None:
    for _ in range(MAX_DEVICES):
        household.add("WallButton")
    async with api.post("/sim/join", json={"kind": "WallButton"}) as response:
        assert await fault(response) == (409, "kind")


@pytest.mark.parametrize(
    ("headers", "field"),
    [
        ({"Host": "example.org"}, "Host"),
        ({"Origin": "http://example.org"}, "Origin"),
        ({"Origin": "null"}, "Origin"),
    ],
)
async def test_another_sites_page_is_refused(
    api: TestClient[Any, Any], household: Household, headers: dict[str, str], field: str
) -> None:
    async with api.post("/sim/join", json={"kind": "WallButton"}, headers=headers) as response:
        assert await fault(response) == (403, field)
    assert household.devices == {}


async def test_the_state_file_brings_devices_back_as_they_were(
    radio: SimCoordinator, tmp_path: Path
) -> None:
    path = tmp_path / "home.json"
    home = Household(radio, path)
    await home.open()
    radio.started = True
    radio.permit_joins(60)
    cord, door = home.add("SosPullCord", model="Cord in the bath"), home.add("DoorContact")
    home.pair(cord)
    await until(lambda: cord.network, what="the cord to join")
    assert isinstance(cord, SosPullCord)
    cord.pull()
    cord.battery(40)
    nwk = int(cord.nwk)
    # Written while running: a kill takes nothing.
    await until(lambda: path.exists() and '"zone_status": 1' in path.read_text(), what="a save")
    await until(lambda: '"battery_half_percent": 80' in path.read_text(), what="another save")
    kept = path.read_text()
    await home.close()
    assert json.loads(path.read_text()) == json.loads(kept)

    other = SimCoordinator()
    again = Household(other, path)
    await again.open()
    assert set(again.devices) == {str(cord.ieee), str(door.ieee)}
    back = again.devices[str(cord.ieee)]
    assert isinstance(back, SosPullCord)
    assert (back.model, int(back.nwk), back.pulled) == ("Cord in the bath", nwk, True)
    assert back.network is other
    assert isinstance(again.devices[str(door.ieee)], DoorContact)
    assert again.devices[str(door.ieee)].network is None
    await again.close()


GOOD = {
    "kind": "Lock",
    "ieee": IEEE,
    "model": "Lock",
    "nwk": 4097,
    "home": "dd:dd:dd:dd:dd:dd:dd:dd",
    "memory": {},
}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"version": 2, "devices": []}', "version"),
        (b'{"version": 1}', "devices"),
        (json.dumps({"version": 1, "devices": [GOOD | {"kind": "Boat"}]}).encode(), "kind"),
        (json.dumps({"version": 1, "devices": [GOOD | {"ieee": "x"}]}).encode(), "ieee"),
        (json.dumps({"version": 1, "devices": [GOOD | {"nwk": 0}]}).encode(), "address"),
        (json.dumps({"version": 1, "devices": [GOOD | {"nwk": 0xFFFF}]}).encode(), "address"),
        (json.dumps({"version": 1, "devices": [GOOD, GOOD]}).encode(), "ieee"),
        (
            json.dumps(
                {"version": 1, "devices": [GOOD | {"memory": {"battery_half_percent": 999}}]}
            ).encode(),
            IEEE,
        ),
        (b" " * 1_000_001, "larger"),
    ],
)
async def test_a_bad_state_file_is_named_and_left_alone(
    radio: SimCoordinator, tmp_path: Path, content: bytes, named: str
) -> None:
    path = tmp_path / "home.json"
    path.write_bytes(content)
    home = Household(radio, path)
    with pytest.raises(StateError, match=named):
        await home.open()
    await home.close()
    assert path.read_bytes() == content
