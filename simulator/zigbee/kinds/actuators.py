"""What acts on the home: a door lock and a siren."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

import probatio
from zigpy.zcl import foundation
from zigpy.zcl.clusters.closures import (
    LockState,
    LockType,
    OperationEvent,
    OperationEventSource,
    UserStatus,
    UserType,
)
from zigpy.zcl.clusters.security import WarningMode

from simulator.zigbee.device import Actions, SimDevice
from simulator.zigbee.kinds.base import NOTHING, SWITCH, BatteryDevice
from simulator.zigbee.zcl import DOOR_LOCK, IAS_WARNING, CommandResult, SimEndpoint

_BOLT: Final = 0.05
"""Seconds that the bolt takes."""
_NO_USER: Final = 0xFFFF


class Siren(SimDevice):
    """A mains siren (IAS warning device)."""

    model = "Siren SI-1"
    mains = True
    sleepy = False

    @override
    def build(self) -> None:
        self.warning = WarningMode.Stop
        self.add_endpoint(1, 0x0403).serve(IAS_WARNING, max_duration=240)

    @override
    def command(
        self, endpoint: SimEndpoint, cluster_id: int, name: str, args: Mapping[str, Any]
    ) -> CommandResult:
        if name == "start_warning":
            self.warning = WarningMode(args["warning"].mode)
        return None

    @override
    def show(self) -> dict[str, Any]:
        return {"warning": self.warning.name}


_PIN: Final = probatio.All(
    str, probatio.Match(r"^[0-9]{1,8}\Z", msg="must be a string of 1 to 8 digits")
)


class Lock(BatteryDevice):
    """A door lock with PIN users and operation events.

    The bolt takes a moment; the lock reports it afterwards, so a report can arrive after a
    later turn of the knob.
    """

    actions: ClassVar[Actions] = {
        **BatteryDevice.actions,
        "turn": probatio.Schema({probatio.Required("locked"): bool}),
        "keypad": probatio.Schema({probatio.Required("pin"): _PIN}),
        "jam": SWITCH,
        "catch": NOTHING,
    }
    model = "Door lock DL-1"
    first_percent = 75.0

    @override
    def build(self) -> None:
        endpoint = self.add_endpoint(1, 0x000A)
        self.add_battery(endpoint)
        endpoint.serve(
            DOOR_LOCK,
            lock_state=LockState.Locked,
            lock_type=LockType.Dead_bolt,
            actuator_enabled=True,
            num_of_pin_users_supported=10,
            max_pin_len=8,
            min_pin_len=4,
            require_pin_for_rf_operation=False,
            auto_relock_time=0,
            sound_volume=1,
        )
        self.users: dict[int, tuple[UserStatus, UserType, str]] = {}
        """Slot to (status, type, PIN)."""
        self.jammed = False

    @property
    def locked(self) -> bool:
        """Whether the bolt is out."""
        state = self.endpoints[1].value(DOOR_LOCK, "lock_state")
        return bool(state == LockState.Locked)

    @override
    def command(
        self, endpoint: SimEndpoint, cluster_id: int, name: str, args: Mapping[str, Any]
    ) -> CommandResult:
        if cluster_id != DOOR_LOCK:
            return None
        if name in {"lock_door", "unlock_door", "toggle_door"}:
            if self.jammed:
                return f"{name}_response", {"status": foundation.Status.FAILURE}
            locked = not self.locked if name == "toggle_door" else name == "lock_door"
            self.later(_BOLT, self._operate, locked, OperationEventSource.RF, _NO_USER)
            return f"{name}_response", {"status": foundation.Status.SUCCESS}
        if name == "get_pin_code":
            nobody = (UserStatus.Available, UserType.Unrestricted, "")
            status, kind, code = self.users.get(args["user_id"], nobody)
            return "get_pin_code_response", {
                "user_id": args["user_id"],
                "user_status": status,
                "user_type": kind,
                "code": code,
            }
        if name == "set_user_status" and args["user_id"] not in self.users:
            return f"{name}_response", {"status": foundation.Status.FAILURE}
        if not self._edit_users(name, args):
            return foundation.Status.UNSUP_CLUSTER_COMMAND
        return f"{name}_response", {"status": foundation.Status.SUCCESS}

    def _edit_users(self, name: str, args: Mapping[str, Any]) -> bool:
        user = args.get("user_id", _NO_USER)
        match name:
            case "set_pin_code":
                self.users[user] = (args["user_status"], args["user_type"], str(args["pin_code"]))
            case "clear_pin_code":
                self.users.pop(user, None)
            case "set_user_status":
                _, kind, code = self.users[user]
                self.users[user] = (args["user_status"], kind, code)
            case _:
                return False
        return True

    def turn(self, *, locked: bool) -> None:
        """Somebody turns the knob."""
        self._operate(locked, OperationEventSource.Manual, _NO_USER)

    def keypad(self, pin: str) -> bool:
        """Somebody types a PIN; tells whether the door opened."""
        for slot, (status, _, code) in self.users.items():
            if code == pin and status == UserStatus.Enabled:
                self._operate(False, OperationEventSource.Keypad, slot)  # noqa: FBT003
                return True
        self._event(
            OperationEventSource.Keypad,
            OperationEvent.UnlockFailureInvalidPINorID,
            _NO_USER,
        )
        return False

    def jam(self, *, on: bool) -> None:
        """Block the bolt, or free it: a blocked one refuses the host's commands."""
        self.jammed = on

    def catch(self) -> None:
        """The bolt catches on the frame: neither in nor out, and the lock says so."""
        self.report(1, DOOR_LOCK, lock_state=LockState.Not_fully_locked)
        self.changed()

    def _operate(self, locked: bool, source: OperationEventSource, user: int) -> None:  # noqa: FBT001
        """Move the bolt: report the state, then say who did it."""
        state = LockState.Locked if locked else LockState.Unlocked
        self.report(1, DOOR_LOCK, lock_state=state)
        self.changed()
        self._event(source, OperationEvent.Lock if locked else OperationEvent.Unlock, user)

    def _event(self, source: OperationEventSource, event: OperationEvent, user: int) -> None:
        self.send_command(
            1,
            DOOR_LOCK,
            "operation_event_notification",
            operation_event_source=source,
            operation_event_code=event,
            user_id=user,
            pin="",
            local_time=0,
        )

    @override
    def memory(self) -> dict[str, int]:
        return {**super().memory(), "locked": int(self.locked)}

    @override
    def recall(self, memory: Mapping[str, int]) -> None:
        super().recall(memory)
        if (locked := memory.get("locked")) is not None:
            state = LockState.Locked if locked else LockState.Unlocked
            self.endpoints[1].serve(DOOR_LOCK, lock_state=state)

    @override
    def show(self) -> dict[str, Any]:
        return {
            **super().show(),
            "locked": self.locked,
            "jammed": self.jammed,
            "users": sorted(self.users),
        }
