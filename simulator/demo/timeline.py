"""The way of one press, with milliseconds, by the clocks of the parts that saw it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar


@dataclass(slots=True)
class Timeline:
    """Moments by name, in the order of `ORDER`. All aware, UTC."""

    moments: dict[str, datetime] = field(default_factory=dict)

    ORDER: ClassVar = (
        "pressed",
        "seen",
        "on_disk",
        "on_wire",
        "received",
        "receipted",
        "acknowledged",
    )

    def note(self, name: str, moment: datetime | str | None = None) -> None:
        """Note a moment, now or as told; the first of a name counts."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        self.moments.setdefault(name, moment or datetime.now(UTC))

    def lines(self, texts: dict[str, str]) -> list[str]:
        """Return a line a moment: milliseconds since the press, since the moment before, words."""
        told = []
        start = before = self.moments["pressed"]
        for name in self.ORDER:
            if (moment := self.moments.get(name)) is None:
                continue
            since = (moment - start).total_seconds() * 1000
            step = (moment - before).total_seconds() * 1000
            before = moment
            told.append(f"  {since:9.1f} ms  {step:+9.1f}  {texts[name]}")
        return told
