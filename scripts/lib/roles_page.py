"""Write docs/roles.md: what each role of a device means to Kvarbo, from the tables that the code goes by.

Usage: python -m scripts.lib.roles_page
"""

import json
from pathlib import Path
from typing import Any, Final

from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.alarm.reason import Language, role_text
from custom_components.kvarbo.devices.fitting import FITTING, REMOTE_ROLES
from custom_components.kvarbo.devices.vitals import FACTOR, LEAST, MOST
from custom_components.kvarbo.flows.says import CALLED
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.sensing import GHOSTLY
from custom_components.kvarbo.transmission.scaip.codes import ROLE_CODES

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "roles.md"
_TEXTS: Final = ROOT / "custom_components" / "kvarbo" / "translations" / "en.json"
_HOUR: Final = 3600

#: What the home itself does with what a role tells.
_BY_THE_HOME: Final = {
    Role.MAINS: "`mains_lost`",
    Role.SCREEN_PLUG: "`device_fault`, without power for a quarter of an hour",
    Role.ANSWER: "its health alone",
    Role.WORN: "`inactivity`, `not_up` and `night_absence` wait for who is out, for hours and not for ever",
    Role.WORN_CHARGER: "a worn alarm that lies there tells nothing of its wearer",
}

HEAD: Final = f"""\
# Roles

What a device is *for* comes before what it is. Each role says what the device's word means; the make does not.
This page is written by `scripts/contract` from the tables that the code goes by.

- **Active** is what the role watches for; *idle* the opposite. **Unknown** (unavailable, a word that is none) is
  neither: no rule takes it for movement or for stillness, and a rule whose sensors are unknown says so.
- **Out of silence**: what it means that a device which was unavailable says active when it comes back. *An event*:
  a mat, a leak or a button that was silent and now speaks does so because of something. *No event*: it may well
  repeat what it saw long ago; what is open or occupied is so all the same.
- **At start** the same holds; a cord that was pulled before a restart, and is pulled still, is no second call.
- **Silence** is judged by the device's own radio, alike for every role: missed after {FACTOR:g} times the longest it
  was ever quiet in its last two weeks, not before {LEAST / _HOUR:g} hours and not after {MOST / _HOUR:g}, and
  {MOST / _HOUR:g} hours while it is new. It is a technical alarm, told at once for a help button and a fall sensor,
  else when operations work ([technical alarms](technical-alarms.md)).
- **SCAIP** is the device type ([SCAIP](scaip.md)).

Cameras and pictures have no role, and none can be given them. An **AI sensor** has none of its own: each thing that it
can tell is a device with the role of what it tells (its fall a fall sensor, its empty room a room sensor, its empty
bed a bed sensor). Of a tracker only *at home* or not is read; a place that it may name is kept, shown and sent nowhere.
"""


def page() -> str:
    """Return the page."""
    options: dict[str, Any] = json.loads(_TEXTS.read_text("utf-8"))["selector"]
    taken, speaks = options["taken"]["options"], options["speaks"]["options"]
    rows = [
        "| Role | Can be | Active | Idle | Out of silence | Watched by | SCAIP | To make it speak |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for role in FITTING:
        active, idle = CALLED.get(role, ("pressed", "not_pressed"))
        can_be = [*sorted(FITTING[role]), *(["Zigbee remote"] if role in REMOTE_ROLES else [])]
        rows.append(
            "| "
            + " | ".join(
                (
                    f"`{role}`, {role_text(role, Language.EN)}",
                    ", ".join(f"`{one}`" if " " not in one else one for one in can_be),
                    str(taken[active]),
                    str(taken[idle]),
                    "no event" if role in GHOSTLY else "an event",
                    _watched(role),
                    f"{ROLE_CODES[role]:04}",
                    str(speaks[role]),
                )
            )
            + " |"
        )
    return "\n".join([HEAD, *rows, ""])


def _watched(role: Role) -> str:
    if role is Role.HELP_BUTTON:
        return "nobody: it calls at once"
    if role is Role.ENTRY_LOCK:
        return "[the entry lock](entry-lock.md)"
    rules = sorted(str(kind) for kind, watcher in KINDS.items() if role in watcher.roles)
    if role in _BY_THE_HOME:
        return f"the home itself: {_BY_THE_HOME[role]}"
    return ", ".join(f"`{rule}`" for rule in rules) or "-"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
