"""The inputs of a blueprint: for each its default and its selector."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from custom_components.kvarbo.alarm.kinds import Owner
from custom_components.kvarbo.supervision.settings import Setting
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE

type Selector = dict[str, Any]

#: In place of a default: the input must be given (R20, R27).
MUST_BE_GIVEN: Final = object()


class Words(Protocol):
    """What inputs need of the words of one need in one language."""

    @property
    def language(self) -> str:
        """The language."""

    @property
    def common(self) -> Mapping[str, Any]:
        """The words that all needs share."""

    @property
    def own(self) -> Mapping[str, Any]:
        """The need's own words in the language."""

    def of(self, part: str) -> Any:
        """Return a part of the common words in the language."""

    def named(self, name: str) -> tuple[str, str]:
        """Return name and description of an input."""


_PERCENT: Final = {"number": {"min": 1, "max": 100, "unit_of_measurement": "%"}}
_SECONDS: Final = {"number": {"min": 0, "max": 60, "unit_of_measurement": "s"}}
_LIGHTS: Final = {"entity": {"domain": "light", "multiple": True}}
_MODELS: Final = ("Home", "Demo home")


def common_input(words: Words, name: str) -> dict[str, Any]:
    """Return an input that is no setting of the watcher."""
    title, text = words.named(name)
    default, selector = _common(words)[name]
    given = {} if default is MUST_BE_GIVEN else {"default": default}
    return {"name": title, "description": text, **given, "selector": selector}


def _common(words: Words) -> dict[str, tuple[Any, Selector]]:
    owners = [
        {"value": str(owner), "label": words.common["owners"][owner][words.language]}
        for owner in Owner
    ]
    homes = [{"integration": "kvarbo", "model": model} for model in _MODELS]
    return {
        "home": (MUST_BE_GIVEN, {"device": {"filter": homes}}),
        "resident": (1, _box(1, 9)),
        "owner": (MUST_BE_GIVEN, {"select": {"options": owners}}),
        "suitable": (MUST_BE_GIVEN, {"boolean": None}),
        "shadow": (False, {"boolean": None}),
        "priority": (None, _box(0, 9)),
        "name": ("", {"text": None}),
        "warning_lights": ([], _LIGHTS),
        "warning_brightness": (60, _PERCENT),
        "warning_light_for": (_duration(10 * MINUTE), {"duration": None}),
        "warning_players": ([], {"entity": {"domain": "media_player", "multiple": True}}),
        "warning_voice": ("", {"entity": {"domain": "tts"}}),
        "warning_message": (words.own.get("say") or words.of("say"), {"text": None}),
        "warning_sound": ({}, {"media": {"accept": ["audio/*"]}}),
        "warning_repeats": (1, _box(0, 3)),
        "warning_pause": (_duration(MINUTE), {"duration": None}),
        # Without a lamp it shows no way.
        "path_lights": (MUST_BE_GIVEN, _LIGHTS),
        "path_brightness": (20, _PERCENT),
        "path_rise": (5, _SECONDS),
        "path_fall": (15, _SECONDS),
        "on_warning": ([], {"action": None}),
        "after_alarm": ([], {"action": None}),
        "on_recovered": ([], {"action": None}),
    }


def _box(least: int, most: int) -> Selector:
    return {"number": {"min": least, "max": most, "mode": "box"}}


def setting_input(words: Words, name: str, setting: Setting, default: Any) -> dict[str, Any]:
    """Return the input of one of the watcher's settings, with its default and its bounds (R54)."""
    title, text = words.named(name)
    shown, selector = _UNITS[setting.unit](words, setting, default)
    return {"name": title, "description": text, "default": shown, "selector": selector}


def _of_duration(_: Words, setting: Setting, default: Any) -> tuple[Any, Selector]:
    days = {"enable_day": True} if (setting.most or 0) > DAY else None
    return None if default is None else _duration(default), {"duration": days}


def _of_clock(_: Words, __: Setting, default: Any) -> tuple[Any, Selector]:
    return None if default is None else _clock(default), {"time": None}


def _of_clocks(_: Words, __: Setting, default: Any) -> tuple[Any, Selector]:
    return [_clock(at) for at in default], {"text": {"multiple": True, "type": "time"}}


def _of_weekdays(words: Words, _: Setting, default: Any) -> tuple[Any, Selector]:
    days = [
        {"value": day, "label": said[words.language]}
        for day, said in words.common["weekdays"].items()
    ]
    return list(default), {"select": {"multiple": True, "options": days}}


def _of_count(_: Words, setting: Setting, default: Any) -> tuple[Any, Selector]:
    return default, _box(int(setting.least or 0), int(setting.most or 0))


def _of_flag(_: Words, __: Setting, default: Any) -> tuple[Any, Selector]:
    return default, {"boolean": None}


_UNITS: Final[Mapping[str, Callable[[Words, Setting, Any], tuple[Any, Selector]]]] = {
    "duration": _of_duration,
    "clock": _of_clock,
    "clocks": _of_clocks,
    "weekdays": _of_weekdays,
    "count": _of_count,
    "flag": _of_flag,
}


def _duration(seconds: float) -> dict[str, int]:
    whole = int(seconds)
    if whole >= DAY and whole % DAY == 0:
        return {"days": int(whole // DAY)}
    hours, rest = divmod(whole, int(HOUR))
    return {"hours": hours, "minutes": rest // int(MINUTE), "seconds": rest % int(MINUTE)}


def _clock(at: float) -> str:
    hours, rest = divmod(int(at), int(HOUR))
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}"
