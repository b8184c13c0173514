"""A real Home Assistant with a live home behind a real tunnel, through a day of a resident's life, captured.

By the plain link goes WireGuard, and what the same Home Assistant without Kvarbo sends; what the receivers read is
what the gate has sealed, octet for octet; and nothing that somebody has typed into Home Assistant is in it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
import json
from pathlib import Path
import shutil
import sys
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
import pytest

from simulator.hass import until as until_it_says
from simulator.living.life import Life
from simulator.living.sensed import Value
from simulator.municipality import Municipality
from simulator.municipality.certificates import Authority
from simulator.municipality.scaip_port import ScaipOptions
from simulator.real_home import CONTROLLER, RealHome
from simulator.testing import until
from tests.transmission.scaip.sip.test_sip_resolve import NameServer

from .tunnel_lab import PLATFORM, Frame, Lab, laid

pytestmark = [
    pytest.mark.peers,
    pytest.mark.real_hass,
    pytest.mark.timeout(420),
    pytest.mark.usefixtures("socket_enabled"),
]

TOKEN, PASSWORD = "token-of-one-home", "s3cret"
EMPTY: Final = 24
#: So long Home Assistant without Kvarbo is listened to after its start, seconds.
QUIET: Final = 15.0
#: Who lives there: in every name that a person can type.
MARK: Final = "planterad"
#: Sensors of the life that is lived: key, role, place.
SENSORS: Final = (
    ("motion_bedroom", "motion", "bedroom"),
    ("motion_bathroom", "motion", "bathroom"),
    ("motion_kitchen", "motion", "kitchen"),
    ("motion_living_room", "motion", "living_room"),
    ("motion_hall", "motion", "hallway"),
    ("door_front", "exit_door", "hallway"),
    ("fridge", "item", "kitchen"),
    ("bed", "bed", "bedroom"),
    ("chair", "chair", "living_room"),
    ("medicine", "dispenser", "kitchen"),
    ("water_bathroom", "water", "bathroom"),
)
GATELOG: Final = '''\
"""Writes down what the gate lets out, for a test that compares it with what arrives."""

from pathlib import Path

from custom_components.kvarbo.transmission.gate import GATE


async def async_setup(hass, config):
    file = Path(hass.config.path("gate.log")).open("a", encoding="ascii", buffering=1)
    GATE.on_pass = lambda content: file.write(content.octets.hex() + "\\n")
    return True
'''
NOTHING: Final[frozenset[tuple[int, str, int]]] = frozenset()
_ACTIVE: Final = frozenset({Value.ON, Value.OPEN})


def laid_gatelog(home: RealHome) -> None:
    folder = home.config / "custom_components" / "gatelog"
    folder.mkdir()
    (folder / "__init__.py").write_text(GATELOG, encoding="utf-8")
    manifest = {"domain": "gatelog", "name": "Gatelog", "version": "1.0.0"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with laid(tmp_path, NameServer) as made:
        yield made


@pytest.fixture
async def municipality(tmp_path: Path) -> AsyncIterator[Municipality]:
    """Known by the platform's own address."""
    authority = Authority.in_folder(tmp_path / "authority")
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(PLATFORM))])
    authority._issue("server", "platform", ExtendedKeyUsageOID.SERVER_AUTH, names)
    options = ScaipOptions(users={CONTROLLER: PASSWORD}, tls=None)
    async with Municipality(token=TOKEN, tls=tmp_path / "authority", scaip=options) as running:
        yield running


@pytest.fixture
async def home(lab: Lab, tmp_path: Path) -> AsyncIterator[RealHome]:
    """Home Assistant in the home's network, as a user without privileges."""
    folder = tmp_path / "home"
    folder.mkdir()
    nobody = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--no-new-privs")
    by = ("ip", "netns", "exec", lab.home, *nobody, "env", f"HOME={folder}")
    keys = [f"{key}_{MARK}" for key, _, _ in SENSORS]
    async with RealHome(folder, switches=("bell", *keys), more="gatelog:\n", by=by) as real:
        laid_gatelog(real)
        for path in (tmp_path, *tmp_path.parents):
            if path.is_relative_to("/tmp") and path != Path("/tmp"):
                path.chmod(0o755)
        for path in folder.rglob("*"):
            shutil.chown(path, "nobody", "nogroup", follow_symlinks=False)
        shutil.chown(folder, "nobody", "nogroup")
        await lab.let_in(real.port)
        await real.start(onboard=True)
        yield real


@asynccontextmanager
async def in_the_tunnel(lab: Lab, folder: Path) -> AsyncIterator[tuple[Path, Path]]:
    """Keep what goes through the tunnel meanwhile: from or to the receivers, and all else but the kernel's own."""
    files = folder / "receivers.pcap", folder / "strangers.pcap"
    kernel = "icmp6 or igmp"
    started = []
    for file, what in zip(
        files, (f"host {PLATFORM}", f"not host {PLATFORM} and not ({kernel})"), strict=True
    ):
        program = await asyncio.create_subprocess_exec(
            *("ip", "netns", "exec", lab.home, "tcpdump", "-i", lab.interface, "-U", "-Z", "root"),
            *("-w", str(file), what),
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(program)
        assert program.stderr is not None
        while b"listening on" not in (line := await program.stderr.readline()):
            assert line, "tcpdump has ended"
    try:
        yield files
    finally:
        for program in started:
            program.terminate()
            await program.wait()


async def set_up(home: RealHome, lab: Lab, municipality: Municipality) -> None:
    """A live home by the tunnel: SCAIP first, REST second, a button, and all sensors."""
    assert municipality.scaip is not None
    assert municipality.ca_file is not None
    hass = home.hass
    live = {
        "controller": CONTROLLER,
        "label": f"Aino {MARK}",
        "demo": False,
        "way_out": {"way": "interface", "interface": lab.interface},
    }
    flow = {"handler": "kvarbo", "show_advanced_options": False}
    made = await hass.walk("flow", flow, {"user": live})
    home.entry_id = str(made["result"]["entry_id"])
    start: Any = made.get("next_flow")
    scaip = {
        "url": f"{PLATFORM}:{await lab.forward(municipality.scaip.ports['tcp'])};transport=tcp",
        "username": CONTROLLER,
        "password": PASSWORD,
        "takes": "alarms",
        "language": "sv",
        "advanced": False,
    }
    await hass.walk(
        "subentries/flow",
        str(start[1]) if start else {"handler": [home.entry_id, "receiver"]},
        {"user": {"next_step_id": "scaip"}, "scaip": scaip, "proved": {}},
    )
    rest = await lab.forward(int(municipality.url.rpartition(":")[2]))
    await home.add_receiver(
        f"https://{PLATFORM}:{rest}",
        TOKEN,
        ca=municipality.ca_file.read_text(encoding="utf-8"),
        order=2,
    )
    await home.add_button("binary_sensor.bell")
    for key, role, place in SENSORS:
        entity = {"entity_id": f"binary_sensor.{key}_{MARK}", "location": place, "resident": 0}
        await hass.walk(
            "subentries/flow",
            {"handler": [home.entry_id, "device"]},
            {
                "user": {"role": role},
                "heard_by": {"next_step_id": "entity"},
                "entity": entity,
                "says": {"inverted": False},
                "sensor_ready": {"next_step_id": "finish"},
            },
        )


async def live_a_day(home: RealHome) -> int:
    """Play a day of a resident's life, as fast as it goes; return how much the sensors said."""
    known = {key for key, _, _ in SENSORS}
    count = 0
    for event in Life(seed=7, days=1).events():
        if event.device in known and event.value not in (Value.GONE, Value.BACK):
            action = "turn_on" if event.value in _ACTIVE else "turn_off"
            await home.hass.call(
                "POST",
                f"/api/services/input_boolean/{action}",
                {"entity_id": f"input_boolean.{event.device}_{MARK}"},
            )
            count += 1
            if count % 150 == 0:
                await home.pull("input_boolean.bell")
                await home.let_go("input_boolean.bell")
    return count


def calls(municipality: Municipality) -> list[dict[str, Any]]:
    return [a for a in municipality.state()["alarms"] if a["class"] == "personal"]


def strangers(frames: list[Frame], own: frozenset[tuple[int, str, int]] = NOTHING) -> list[Frame]:
    """What is neither the tunnel nor the neighbours' talk, nor Home Assistant's own."""
    others = [f for f in frames if not (f.is_wireguard or f.is_neighbours)]
    return [f for f in others if (f.protocol, f.target, f.target_port) not in own]


async def test_a_day_in_a_live_home(
    lab: Lab,
    home: RealHome,
    municipality: Municipality,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with lab.capture() as before:
        await home.stop()
        await home.start()
        await asyncio.sleep(QUIET)
    own = frozenset((f.protocol, f.target, f.target_port) for f in strangers(before))
    async with lab.capture() as frames, in_the_tunnel(lab, tmp_path) as kept:
        await set_up(home, lab, municipality)
        said = await live_a_day(home)
        await until(lambda: len(calls(municipality)) >= 1, 30, "the calls")
        path = await home.kvarbo_entity("path", "sensor")
        await until_it_says(lambda: is_up(home, path), 30, "the way is not up")
    assert said > 200
    # A capture's head alone is 24 octets long.
    ours, others = kept
    assert others.stat().st_size == EMPTY
    assert ours.stat().st_size > 100 * EMPTY
    assert strangers(frames, own) == []
    assert any(frame.is_wireguard for frame in frames)
    assert not any(MARK.encode() in frame.octets for frame in frames)

    heard = {e.body.encode() for e in municipality.record._exchanges if e.body}
    text = (home.config / "gate.log").read_text(encoding="ascii")
    sealed = {bytes.fromhex(line) for line in text.split() if line}
    assert heard
    assert heard == sealed
    assert not any(MARK.encode() in octets for octets in heard)
    logged = [line for line in home.log().splitlines() if "kvarbo" in line]
    assert not any(MARK in line for line in logged)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{said} words of sensors, {len(calls(municipality))} calls, {len(heard)} bodies, "
            f"{len(frames)} frames by the plain link, Home Assistant's own {sorted(own)} "
        )


async def is_up(home: RealHome, path: str) -> bool:
    return await home.state(path) == "up"


@pytest.mark.parametrize("state", ["route missing", "interface down", "interface gone"])
async def test_a_broken_tunnel_lets_nothing_out_and_the_call_arrives_after_the_mend(
    lab: Lab, home: RealHome, municipality: Municipality, state: str
) -> None:
    await set_up(home, lab, municipality)
    async with lab.capture() as frames:
        match state:
            case "route missing":
                await lab.drop_route()
            case "interface down":
                await lab.set_down()
            case _:
                await lab.remove_tunnel()
        await home.pull("input_boolean.bell")
        if state != "route missing":
            path = await home.kvarbo_entity("path", "sensor")
            await until_it_says(lambda: is_down(home, path), 20, "the way is not down")
            assert calls(municipality) == []
            await lab.mend(state)
        await until(lambda: len(calls(municipality)) == 1, 40, "the call")
    assert [
        f for f in strangers(frames) if PLATFORM in (f.source, f.target) and not f.is_bare_reset
    ] == []


async def is_down(home: RealHome, path: str) -> bool:
    return await home.state(path) == "down"
