"""The page that lists the blueprints: what each says of itself, and all its inputs."""

from collections.abc import Mapping
import re
from typing import Any, Final

_CLOCK: Final = re.compile(r"\d\d:\d\d:\d\d")

HEAD: Final = """\
# Blueprints

One blueprint for each need. Pick the need, fill in who acts, and Kvarbo watches. Choosing none is a good
choice too: sell nobody technology that they do not need.

This page is written by `scripts/blueprints`; so are the blueprints themselves.

## Where they are

Kvarbo offers its blueprints by itself: they lie in Home Assistant under *Settings, Automations & scenes,
Blueprints*, each in English and in Swedish. What is written there by Kvarbo is brought up to date with Kvarbo. A
copy that somebody has edited is never overwritten, and one that somebody has deleted does not come back; import
it from its address below, or delete the whole folder `kvarbo` and restart, and all come back.

## What they have in common

- They stand on [Kvarbo's triggers](triggers.md), and these on watchers that survive restarts. An automation that
  is turned off, or broken, is reported as a fault and is never a quiet night: Kvarbo then raises the alarm itself.
  What ends a rule is the consent withdrawn, or `kvarbo.end_rule`.
- *Who acts* and *I have read for whom it is not suited* have no start value: without them nothing is watched.
- Without a recorded consent a rule watches nothing. It arms by itself when the consent comes.
- The alarm itself is raised by one step, `kvarbo.raise_alarm` with the episode. Kvarbo knows the rest: kind, place,
  since when, and sends the all-clear by itself. If the step fails or is taken away, Kvarbo raises the alarm all
  the same, 30 seconds after the run has ended, and reports the fault.
- The warning before the alarm is dark and silent at night unless chosen otherwise, never gets louder, is repeated
  three times at the most, and ends as soon as it is over.
- Editing a limit does not start anything anew: what is counted goes on.

One of them watches nothing and alarms nobody: [the answer to the resident](#the-answer-to-the-resident) shows
what became of a call. It stands on a sensor of Kvarbo's, and no call waits for it.

They are support and no guarantee. What Kvarbo is for, and what it is not for, stands in
[intended purpose](intended-purpose.md).
"""


def page(blueprints: Mapping[str, dict[str, Any]]) -> str:
    """Return the page. `blueprints` are the English ones by their file's name."""
    parts = [HEAD, "## The needs\n"]
    rows = [
        f"| [{about['name']}](#{_anchor(about['name'])}) | `{file}` |"
        for file, about in _sorted(blueprints)
    ]
    parts.append("\n".join(["| Need | File |", "|---|---|", *rows]) + "\n")
    parts += [_need(about) for _, about in _sorted(blueprints)]
    return "\n".join(parts)


def _sorted(blueprints: Mapping[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    found = [(file, body["blueprint"]) for file, body in blueprints.items()]
    return sorted(found, key=lambda one: str(one[1]["name"]))


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _need(about: Mapping[str, Any]) -> str:
    lines = [f"## {about['name']}", "", about["description"], ""]
    lines += [f"Its address for import: <{about['source_url']}>", ""]
    for section in about["input"].values():
        lines += [
            f"**{section['name']}**",
            "",
            "| Input | Start value | What it is |",
            "|---|---|---|",
        ]
        for name, body in section["input"].items():
            text = str(body["description"]).replace("|", "\\|")
            lines.append(f"| `{name}` | {_shown(body)} | {body['name']}. {text} |")
        lines.append("")
    return "\n".join(lines)


def _shown(body: Mapping[str, Any]) -> str:
    if "default" not in body:
        return "must be given"
    return _default(body["default"])


def _default(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    match default:
        case None:
            return "none"
        case dict():
            amounts = [
                f"{amount} {unit[: -1 if amount == 1 else None]}"
                for unit, amount in default.items()
                if amount
            ]
            return " ".join(amounts) or "none"
        case str() if _CLOCK.fullmatch(default):
            return default[:5]
        case list():
            return ", ".join(_default(item) for item in default) or "none"
        case _:
            return str(default) or "none"
