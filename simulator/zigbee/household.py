"""The devices of one simulated home, on the network or still in their boxes."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Any, Final

import probatio

from simulator.control import ControlError, validate
from simulator.zigbee.coordinator import SimCoordinator
from simulator.zigbee.device import SimDevice
from simulator.zigbee.kinds import KINDS

_LOGGER = logging.getLogger(__name__)

MAX_DEVICES: Final = 200
_MAX_STATE: Final = 1_000_000
"""Bytes of a state file."""
_VERSION: Final = 1

MODEL: Final = probatio.All(str, probatio.Match(r"^[ -~]{1,32}\Z", msg="must be 1 to 32 of ASCII"))
IEEE: Final = probatio.All(
    str,
    probatio.Lower,
    probatio.Match(
        r"^[0-9a-f]{2}(:[0-9a-f]{2}){7}\Z", msg="must be eight bytes in hex with colons"
    ),
)
KIND: Final = probatio.In(list(KINDS))

_STATE: Final = probatio.Schema(
    {
        probatio.Required("version"): probatio.In([_VERSION]),
        probatio.Required("devices"): probatio.All(
            [
                {
                    probatio.Required("kind"): KIND,
                    probatio.Required("ieee"): IEEE,
                    probatio.Required("model"): MODEL,
                    probatio.Required("nwk"): probatio.Any(None, int),
                    probatio.Required("home"): probatio.Any(None, IEEE),
                    probatio.Required("memory"): {
                        str: probatio.All(int, probatio.Range(min=0, max=0xFFFF))
                    },
                }
            ],
            probatio.Length(max=MAX_DEVICES),
        ),
    }
)


class StateError(ValueError):
    """A state file that cannot be taken up; it is left as it is."""


class Household:
    """Every device of the home, and, if asked, a file that remembers them.

    The file lets a simulator that was killed come back with the devices that had joined: host
    and device still know each other, as after a power cut. A device forgets its network when
    the host forms another one.
    """

    def __init__(self, coordinator: SimCoordinator, state: Path | None = None) -> None:
        self.coordinator = coordinator
        self.devices: dict[str, SimDevice] = {}
        """By IEEE address."""
        self._state = state
        self._dirty = asyncio.Event()
        self._closing = False
        self._saver: asyncio.Task[None] | None = None
        self._pairing: dict[str, asyncio.Task[None]] = {}

    async def open(self) -> None:
        """Take up the state file, if there is one, and keep it from here on.

        Raises:
            StateError: It cannot be read or does not fit.

        """
        if self._state is None:
            return
        for row in await asyncio.to_thread(_read, self._state):
            self._restore(row)
        self.coordinator.on_change = self._dirty.set
        self._saver = asyncio.create_task(self._save_always(self._state))

    async def close(self) -> None:
        """Stop waiting for joins, and write what has changed."""
        pairing = list(self._pairing.values())
        for task in pairing:
            task.cancel()
        await asyncio.gather(*pairing, return_exceptions=True)
        if self._saver is not None:
            self._closing = True
            self._dirty.set()
            await self._saver

    def add(self, kind: str, ieee: str | None = None, model: str | None = None) -> SimDevice:
        """Bring a new device home.

        Args:
            kind: A name in ``KINDS``.
            ieee: Its address; None for a free one.
            model: Model name in place of the kind's own.

        Raises:
            ControlError: The home is full, or has a device of that address.

        """
        if len(self.devices) >= MAX_DEVICES:
            raise ControlError("kind", f"the home is full: {MAX_DEVICES} devices", 409)
        ieee = ieee or self._free_ieee()
        if ieee in self.devices:
            raise ControlError("ieee", "a device of this address is in the home already", 409)
        device = self.devices[ieee] = KINDS[kind](ieee, model=model)
        self._dirty.set()
        return device

    def pair(self, device: SimDevice) -> None:
        """Press a device's pairing button: it joins as soon as the network is open."""
        if self.pairing(device):
            return
        ieee = str(device.ieee)
        task = asyncio.create_task(self.coordinator.join_when_open(device))
        self._pairing[ieee] = task
        task.add_done_callback(self._paired)

    def pairing(self, device: SimDevice) -> bool:
        """Whether a device waits for the network to open."""
        return str(device.ieee) in self._pairing

    def _paired(self, done: asyncio.Task[None]) -> None:
        self._pairing = {ieee: task for ieee, task in self._pairing.items() if task is not done}
        if not done.cancelled() and (error := done.exception()) is not None:
            _LOGGER.error("A device could not join: %s", error)

    def _free_ieee(self) -> str:
        """First free address of a range that no manufacturer owns (locally administered)."""
        number = 1
        while (ieee := f"02:00:00:00:00:00:{number >> 8:02x}:{number & 0xFF:02x}") in self.devices:
            number += 1
        return ieee

    # -- the state file

    def _snapshot(self) -> dict[str, Any]:
        return {
            "version": _VERSION,
            "devices": [
                {
                    "kind": type(device).__name__,
                    "ieee": str(device.ieee),
                    "model": device.model,
                    "nwk": None if device.network is None else int(device.nwk),
                    "home": device.home,
                    "memory": device.memory(),
                }
                for device in self.devices.values()
            ],
        }

    def _restore(self, row: dict[str, Any]) -> None:
        try:
            device = self.add(row["kind"], row["ieee"], row["model"])
            device.recall(row["memory"])
            if row["nwk"] is not None and row["home"] is not None:
                self.coordinator.adopt(device, row["nwk"], row["home"])
        except (ControlError, ValueError) as error:
            raise StateError(f"{self._state}: device {row['ieee']}: {error}") from error

    async def _save_always(self, path: Path) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            try:
                await asyncio.to_thread(_write, path, self._snapshot())
            except OSError as error:
                _LOGGER.error("The state of the home could not be kept: %s", error)
            if self._closing and not self._dirty.is_set():
                return


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_STATE + 1)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}") from error
    if len(raw) > _MAX_STATE:
        raise StateError(f"{path}: is larger than {_MAX_STATE} bytes")
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise StateError(f"{path}: is not valid JSON") from error
    if not isinstance(value, dict):
        raise StateError(f"{path}: must hold a JSON object")
    try:
        state = validate(_STATE, value)
    except ControlError as error:
        raise StateError(f"{path}: {error}") from error
    devices: list[dict[str, Any]] = state["devices"]
    return devices


def _write(path: Path, state: dict[str, Any]) -> None:
    """Replace the file whole, so that a kill leaves the old or the new."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(state, indent=1), encoding="utf-8")
    fresh.replace(path)
