"""Write the blueprints, one for each need and language, and the page that lists them.

Limits, their defaults and bounds come from the watchers' settings, so that every one of them is an
input (R54); names and descriptions from `blueprint_words`, English and Swedish side by side. What
both languages do is the same by construction.

Usage: python -m scripts.lib.blueprints [--check]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
import sys
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.settings import Setting, default_of, setting_fields

from . import blueprint_answers, blueprint_page, blueprint_steps as steps, blueprint_yaml
from .blueprint_inputs import common_input, setting_input
from .blueprint_steps import Input, Need

ROOT: Final = Path(__file__).resolve().parents[2]
WORDS: Final = Path(__file__).parent / "blueprint_words"
TARGET: Final = "blueprints/automation/kvarbo"
PAGE: Final = "docs/blueprints.md"
SOURCE: Final = f"https://github.com/kvarbo/kvarbo/blob/main/{TARGET}"
LANGUAGES: Final = ("en", "sv")
MIN_VERSION: Final = "2026.10.0"

#: Settings that stand in the section of the warning, not among the limits.
OF_WARNING: Final = ("warning", "warn_at_night", "repeats", "interval")
SECTIONS: Final = ("who", "limits", "path", "warning", "reminder", "fine", "extras")


def path_of(file: str, language: str) -> str:
    """Return a blueprint's file, below the folder of all."""
    return f"{file}.yaml" if language == "en" else f"{file}.{language}.yaml"


def _about(path: str) -> dict[str, Any]:
    return {
        "domain": "automation",
        "author": "Kvarbo",
        "homeassistant": {"min_version": MIN_VERSION},
        "source_url": f"{SOURCE}/{path}",
    }


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one need in one language, over those that all have in common."""

    file: str
    language: str
    need: Mapping[str, Any]
    common: Mapping[str, Any]

    @property
    def rule(self) -> WatcherKind:
        """The kind of watcher."""
        return WatcherKind(self.need["rule"])

    @property
    def own(self) -> Mapping[str, Any]:
        """What the need says in this language."""
        said: Mapping[str, Any] = self.need[self.language]
        return said

    def of(self, part: str) -> Any:
        """Return a part of the common words in this language."""
        return self.common[part][self.language]

    def named(self, name: str) -> tuple[str, str]:
        """Return name and description of an input, the need's own words first."""
        own = self.need.get("inputs", {})
        said = own.get(name) or self.common["inputs"].get(name)
        if said is None:
            raise KeyError(f"blueprint_words: {self.file} says nothing of {name}")
        title, text = said[self.language]
        return title, text

    @property
    def path(self) -> str:
        """The blueprint's file, below the folder of all."""
        return path_of(self.file, self.language)


def all_words() -> list[Words]:
    """Return the words of every need, in both languages, by file."""
    common = yaml.safe_load((WORDS / "common.yaml").read_text(encoding="utf-8"))
    files = sorted(path for path in WORDS.glob("*.yaml") if path.stem != "common")
    return [
        Words(path.stem, language, yaml.safe_load(path.read_text(encoding="utf-8")), common)
        for path in files
        for language in LANGUAGES
    ]


def settings_of(words: Words) -> dict[str, tuple[Setting, Any]]:
    """Return the settings that are inputs, each with its default."""
    kind = KINDS[words.rule].settings_type
    left_out = words.need.get("leave_out", {})
    return {
        name: (setting, default_of(kind, name))
        for name, setting in setting_fields(kind).items()
        if name not in left_out
    }


# -- inputs --------------------------------------------------------------------------------------


def blueprint_of(words: Words) -> dict[str, Any]:
    """Return one blueprint."""
    settings = settings_of(words)
    need = _need(words, settings)
    shows_way = words.need.get("form") == "light"
    variables = (steps.light_variables if shows_way else steps.variables)(need)
    blueprint = {
        "blueprint": {
            "name": words.own["name"],
            "description": description_of(words),
            **_about(words.path),
            "input": dict(_sections(words, settings, need)),
        },
        "mode": "parallel",
        "max": steps.MOST_RUNS,
        "triggers": (steps.light_triggers if shows_way else steps.triggers)(need),
    }
    if variables:
        blueprint["variables"] = variables
    blueprint["actions"] = (steps.light_actions if shows_way else steps.actions)(need)
    return blueprint


def _need(words: Words, settings: Mapping[str, Any]) -> Need:
    of_home = bool(words.need.get("of_home"))
    options: dict[str, Any] = {
        "rule": str(words.rule),
        "resident": 0 if of_home else Input("resident"),
        "name": Input("name"),
        "owner": Input("owner"),
        "suitable": Input("suitable"),
    }
    if words.need.get("form") != "light":
        options["priority"] = Input("priority")
        options["shadow"] = Input("shadow")
    options["version"] = f"{words.file} {words.need['version']}"
    options["settings"] = {name: Input(name) for name in settings}
    return Need(
        rule=str(words.rule),
        of_home=of_home,
        reminds="repeats" in settings,
        warns="warning" in settings,
        options=options,
        said=words.of("steps"),
    )


def description_of(words: Words) -> str:
    """Return what a blueprint says of itself, as Markdown (R20, F13)."""
    heading, own = words.of("headings"), words.own
    told = own.get("told") or words.of("told")
    stop = " ".join(filter(None, [own.get("stop"), own.get("end") or words.of("stop")]))
    return "\n\n".join(
        [
            own["need"],
            f"**{heading['senses']}:** {own['senses']}",
            f"**{heading['alarms']}:** {own['alarms']}",
            f"**{heading['told']}:** {told}",
            f"**{heading['stop']}:** {stop}",
            f"**{heading['unsuited']}:**\n\n" + "\n".join(f"- {line}" for line in own["unsuited"]),
            heading["promise"],
        ]
    )


def _sections(
    words: Words, settings: Mapping[str, tuple[Setting, Any]], need: Need
) -> Iterator[tuple[str, dict[str, Any]]]:
    parts: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    fine = words.need.get("fine", ())
    shows_way = words.need.get("form") == "light"
    warning = "reminder" if need.reminds else "warning"
    who = ["home", *([] if need.of_home else ["resident"]), "owner", "suitable"]
    parts["who"] = {name: common_input(words, name) for name in who}
    for name, (setting, default) in settings.items():
        section = warning if name in OF_WARNING else "fine" if name in fine else "limits"
        parts[section][name] = setting_input(words, name, setting, default)
    if shows_way:
        names = ["path_lights", "path_brightness", "path_rise", "path_fall"]
        parts["path"] = {name: common_input(words, name) for name in names}
        parts["extras"] = {"name": common_input(words, "name")}
    else:
        if need.warns:
            parts[warning] |= {name: common_input(words, name) for name in _warning_inputs(need)}
        names = ["shadow", "priority", "name", *(["on_warning"] if need.warns else [])]
        parts["extras"] = {
            name: common_input(words, name) for name in [*names, "after_alarm", "on_recovered"]
        }
    for section, inputs in parts.items():
        if inputs:
            about = words.common["sections"][section]
            title, text = about[words.language]
            more = {"collapsed": True} if about.get("collapsed") else {}
            yield (
                section,
                {
                    "name": title,
                    "icon": about["icon"],
                    "description": text,
                    **more,
                    "input": inputs,
                },
            )


def _warning_inputs(need: Need) -> list[str]:
    lamps = ["warning_lights", "warning_brightness"]
    sound = ["warning_players", "warning_voice", "warning_message", "warning_sound"]
    if need.reminds:
        return [*lamps, "warning_light_for", *sound]
    return [*lamps, *sound, "warning_repeats", "warning_pause"]


# -- files ---------------------------------------------------------------------------------------


def files() -> dict[str, str]:
    """Return all that is written: path from the root of the repository, and text."""
    made = {one.path: (one, blueprint_of(one)) for one in all_words()}
    written = {
        f"{TARGET}/{path}": blueprint_yaml.dump(
            body,
            f"scripts/lib/blueprint_words/{one.file}.yaml and the\n# watcher's settings",
        )
        for path, (one, body) in made.items()
    }
    english = {path: body for path, (one, body) in made.items() if one.language == "en"}
    common = all_words()[0].common
    for language in LANGUAGES:
        path = path_of(blueprint_answers.FILE, language)
        about = _about(path)
        body = blueprint_answers.blueprint_of(language, common["headings"][language], about)
        written[f"{TARGET}/{path}"] = blueprint_yaml.dump(
            body, "scripts/lib/answer_words.yaml and\n# scripts/lib/blueprint_answers.py"
        )
        if language == "en":
            english[path] = body
    return written | {PAGE: blueprint_page.page(english)}


def main() -> int:
    """Write, or with --check name what differs."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"]):
        print("usage: scripts/blueprints [--check]", file=sys.stderr)
        return 2
    written = files()
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / TARGET).glob("**/*.yaml")}
    differs = sorted(
        (there - set(written)) | {name for name, text in written.items() if _read(name) != text}
    )
    if arguments:
        for name in differs:
            print(f"{name} is not what scripts/blueprints writes", file=sys.stderr)
        return 1 if differs else 0
    for name in differs:
        path = ROOT / name
        if name not in written:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written[name], encoding="utf-8")
        print(name)
    return 0


def _read(name: str) -> str | None:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
