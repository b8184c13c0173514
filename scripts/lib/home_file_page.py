"""Write docs/home-file.md: every key of a home file, from the rows that the code reads it by.

Usage: python -m scripts.lib.home_file_page
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from custom_components.kvarbo.alarm.kinds import Owner
from custom_components.kvarbo.home_file.blueprints import BLUEPRINTS, OF_HOME
from custom_components.kvarbo.home_file.keys import RowClass, Span, keys_of
from custom_components.kvarbo.home_file.problems import PROBLEMS
from custom_components.kvarbo.home_file.reader import RULE_KEYS
from custom_components.kvarbo.home_file.rows import (
    ConsentRow,
    DeviceRow,
    FieldRow,
    HomeRow,
    InputsRow,
    LockRow,
    PauseRow,
    ReceiverRow,
    SoundRow,
    SourceRow,
    WayRow,
)
from custom_components.kvarbo.home_file.signature import LINE
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.settings import (
    Setting,
    SettingsClass,
    default_of,
    setting_fields,
)

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "home-file.md"

HEAD: Final = f"""\
# The home file

All that a coordinator sets of a home stands in one text: rules and their limits, consents, pauses, who acts,
when the home is gone through again, its devices by number and role, its receivers in their order, and how
alarms go out. With it a new coordinator builds the hub anew; from one profile and a list it is made for many
homes. This page is written by `scripts/contract` from the rows that the code reads a file by.

- `kvarbo.export_settings` writes the home as such a file, `kvarbo.apply_settings` applies one
  ([actions](actions.md)).
- **In whole or not at all.** A file is read to its end before anything is changed; every flaw is told by line
  and field. What is applied is noted on the disk first and carried on with after a power cut, so that the home
  is the old one or the new one. A step that fails is undone with all before it.
- **Back again.** What held before the last file is kept. `previous: true` goes back to it, and again forth.
- **What is left out stays.** A section that is not in a file is left as it is; one that is there is the whole:
  a device, rule or consent that is not in it goes. `check_only: true` shows the difference first. A consent
  that goes wipes what was learned by it.
- **Nothing secret.** Tokens, passwords, keys and codes are in no file. A receiver keeps them, known by its
  `name`; a new one, and one that has gone and comes back, asks for them, and alarms go to the others meanwhile.
- **Devices keep what they listen to.** One with a new number and no `source` is *to be paired*: an issue says
  so until somebody has chosen what it listens to. Its number, role and rules are there already.
- **People's automations are theirs.** A rule of the file is an automation made of [its
  blueprint](blueprints.md), with an id that begins with `kvarbo_file_`; no other line of `automations.yaml` is
  touched. It must be included in the configuration, as Home Assistant has it by default. A rule that somebody's
  own automation runs goes on; a file that sets it otherwise is refused. Steps that somebody has added
  (`on_warning`, `after_alarm`, `on_recovered`) can do anything in Home Assistant: no file carries them, they
  stay where they are, and an export names them as left out.

It is YAML, at most 200 kB, without anchors, aliases and tags. Times are those of the wall clock in the home,
quoted or not; dates with time need their offset.

## Signed files

`scripts/homes keys KEY` makes a pair of keys: the private one into a file that stays with the municipality, the
public one to type into each home (*Change the home*, Public key of the municipality). From then on the home
takes no file that is not signed with it, whoever asks. The signature (Ed25519) is the last line, a comment:

```text
{LINE}…
```

What the home has kept itself it goes back to without one. A signed file is for the home of its number alone. An
older signed file of the same home is still one: what is to be refused must be overtaken by a newer file, or by
another key.

## Many homes

A *profile* is a home file without `home.controller`. A *list* has a line for each home: CSV with the names
`controller`, `label` and the paths that differ, or YAML as a list under `homes`. A path is as a difference is
shown: `rules.night_absence/1.settings.limit`. An empty cell is as the profile has it.

```sh
scripts/homes make profile.yaml homes.csv files --sign KEY   # a file for each home, all or none
scripts/homes check files/*.yaml --key PUBLIC                 # what is wrong, by line and field
scripts/homes sign KEY files/*.yaml
scripts/homes differ profile.yaml homes.csv exported          # which homes differ, and where
```

`differ` reads what homes have exported, as `exported/<controller>.yaml`. What the profile does not speak of is
the home's own, and so are the sources of its devices. Three hundred homes take seconds.

## Keys

The first line is `kvarbo_home: 1`, the version of this format. Only `home` must be there.
"""

SECTIONS: Final[dict[str, tuple[str, type[RowClass], str]]] = {
    "home": ("`home`", HomeRow, ""),
    "way_out": ("`way_out`", WayRow, "How alarms go out. A demo home has none."),
    "receivers": ("`receivers`", ReceiverRow, "A list, known by `name`."),
    "devices": ("`devices`", DeviceRow, "A list, known by `number`."),
    "lock": ("`devices[].lock`", LockRow, ""),
    "source": ("`devices[].source`", SourceRow, ""),
    "fields": ("`devices[].fields`", FieldRow, ""),
    "consents": ("`consents`", ConsentRow, "A list, known by `function` and `resident`."),
    "pauses": ("`pauses`", PauseRow, "A list, known by `resident`."),
}

_OF_RULE: Final = {
    "rule": ("yes", "Which kind of rule, see below."),
    "resident": ("no", "Whose: 0 is the home, 1 to 9 a person."),
    "name": ("no", "Where the home has two of the kind."),
    "owner": ("yes", "Who is expected to act: " + ", ".join(f"`{o}`" for o in Owner) + "."),
    "suitable": ("yes", "`true`: somebody has judged that the rule suits this resident."),
    "priority": ("no", "0 to 9; without it the kind's own."),
    "shadow": ("no", "`true`: what it would have sent is noted and nothing is sent."),
    "settings": (
        "no",
        "Its limits, see below. What is left out is as it comes; an export has all.",
    ),
    "inputs": ("no", "How the resident is warned, see below. A blueprint without it refuses it."),
}


def page() -> str:
    """Return the page's text."""
    lines = [HEAD]
    for title, row, text in SECTIONS.values():
        lines += _section(title, row, text)
    lines += ["### `dwelling`\n", *_settings(Dwelling), ""]
    lines += ["### `rules`\n", "A list, known by `rule`, `resident` and `name`.\n"]
    lines += ["| Key | Needed | What it is |", "|---|---|---|"]
    lines += [f"| `{name}` | {_OF_RULE[name][0]} | {_OF_RULE[name][1]} |" for name in RULE_KEYS]
    lines += ["", *_section("`rules[].inputs`", InputsRow, "")]
    lines += _section("`rules[].inputs.warning_sound`", SoundRow, "")
    lines += ["## Rules and their settings\n"]
    for kind in sorted(BLUEPRINTS):
        whose = "the home" if kind in OF_HOME else "a resident"
        lines += [f"### `{kind}`, of {whose}\n", *_settings(KINDS[kind].settings_type), ""]
    lines += ["## What can be wrong\n", "| Problem | What it says |", "|---|---|"]
    lines += [f"| `{key}` | {_cell(words[0])} |" for key, words in sorted(PROBLEMS.items())]
    return "\n".join(lines) + "\n"


def _section(title: str, row: type[RowClass], text: str) -> Iterator[str]:
    yield f"### {title}\n"
    if text:
        yield f"{text}\n"
    yield "| Key | Needed | What may stand there | What it is |"
    yield "|---|---|---|---|"
    for name, key in keys_of(row).items():
        needed = "yes" if key.needed else "no"
        yield f"| `{name}` | {needed} | {_cell(key.form)} | {_cell(key.text)} |"
    yield ""


def _settings(kind: type[SettingsClass]) -> Iterator[str]:
    yield "| Key | What may stand there | As it comes |"
    yield "|---|---|---|"
    for name, setting in setting_fields(kind).items():
        yield f"| `{name}` | {_form(setting)} | {_shown(setting.unit, default_of(kind, name))} |"


def _form(setting: Setting) -> str:
    match setting.unit:
        case "duration":
            return f"a span of time, {Span(setting.least or 0)} to {Span(setting.most or 0)}"
        case "clock":
            return "a time of day"
        case "clocks":
            return "a list of times of day"
        case "weekdays":
            return "a list of weekdays, `mon` to `sun`; none is all"
        case "count":
            return f"{setting.least:g} to {setting.most:g}"
        case _:
            return "`true` or `false`"


def _shown(unit: str, value: Any) -> str:
    if value is None or value == ():
        return "nothing"
    if unit in ("duration", "clock"):
        return str(Span(value))
    if unit == "clocks":
        return ", ".join(str(Span(at)) for at in value)
    return str(value).lower()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
