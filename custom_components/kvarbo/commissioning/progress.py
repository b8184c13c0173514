"""What has been proven of an installation, as the journal keeps it (R43, R53, R57).

Instants are seconds of the epoch in home time; None: not so yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
import math
from typing import Any, Self


class GapReason(StrEnum):
    """Why an item was left open: a closed set, so that no name slips in (R07)."""

    DEVICE_MISSING = "device_missing"
    DEVICE_BROKEN = "device_broken"
    RESIDENT_DECLINED = "resident_declined"
    RESIDENT_ABSENT = "resident_absent"
    CENTRE_BUSY = "centre_busy"
    COORDINATOR_DECIDES = "coordinator_decides"
    NO_COVERAGE = "no_coverage"


@dataclass(frozen=True, slots=True)
class Gap:
    """An item that was left open, why, and until when that holds."""

    reason: GapReason
    until: float


@dataclass(slots=True)
class DeviceProgress:
    """One device. What it listens to is kept as a mark: another one behind the same number is proven anew."""

    source: str
    begun_at: float
    heard_at: float | None = None
    tested_at: float | None = None


@dataclass(slots=True)
class Progress:
    """One home's installation.

    `window_at`: the alarm centre was told of the test window. `rooms`: when somebody was seen in each on the
    walk. `lamp_seen`: whether a lamp is seen from the bed. `address_hub` is the hub for which the centre
    has read the address back: another hub needs it again.
    """

    begun_at: float | None = None
    window_at: float | None = None
    devices: dict[int, DeviceProgress] = field(default_factory=dict)
    rooms: dict[str, float] = field(default_factory=dict)
    lamp_at: float | None = None
    lamp_seen: bool = False
    address_at: float | None = None
    address_hub: str = ""
    papers_at: float | None = None
    gaps: dict[str, Gap] = field(default_factory=dict)
    closed_at: float | None = None
    #: The end of the trial that was agreed on (R31); None where none was, or its question is answered.
    trial_until: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what must survive a restart, as `from_json` takes it back."""
        return {
            "begun_at": self.begun_at,
            "window_at": self.window_at,
            "devices": {
                str(number): [one.source, one.begun_at, one.heard_at, one.tested_at]
                for number, one in self.devices.items()
            },
            "rooms": dict(self.rooms),
            "lamp_at": self.lamp_at,
            "lamp_seen": self.lamp_seen,
            "address_at": self.address_at,
            "address_hub": self.address_hub,
            "papers_at": self.papers_at,
            "gaps": {key: [str(gap.reason), gap.until] for key, gap in self.gaps.items()},
            "closed_at": self.closed_at,
            "trial_until": self.trial_until,
        }

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Return what was kept; raises ValueError for what is none of it."""
        if not isinstance(raw, Mapping):
            raise ValueError("no mapping")
        try:
            return cls(
                begun_at=_maybe(raw["begun_at"]),
                window_at=_maybe(raw["window_at"]),
                devices={
                    int(number): DeviceProgress(
                        str(one[0]), _instant(one[1]), _maybe(one[2]), _maybe(one[3])
                    )
                    for number, one in raw["devices"].items()
                },
                rooms={str(room): _instant(at) for room, at in raw["rooms"].items()},
                lamp_at=_maybe(raw["lamp_at"]),
                lamp_seen=raw["lamp_seen"] is True,
                address_at=_maybe(raw["address_at"]),
                address_hub=str(raw["address_hub"]),
                papers_at=_maybe(raw["papers_at"]),
                gaps={
                    str(key): Gap(GapReason(gap[0]), _instant(gap[1]))
                    for key, gap in raw["gaps"].items()
                },
                closed_at=_maybe(raw["closed_at"]),
                trial_until=_maybe(raw["trial_until"]),
            )
        except (AttributeError, LookupError, TypeError) as err:
            raise ValueError(str(err)) from None


def _instant(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no instant")
    return float(value)


def _maybe(value: object) -> float | None:
    return None if value is None else _instant(value)
