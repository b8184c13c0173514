"""The blueprint of the answers: what the resident is told of a call, by light, sound and touch (R13, R17, R23).

It stands on a state of Kvarbo's and on no rule: no call waits for it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from .blueprint_steps import Input, Step

WORDS: Final = Path(__file__).parent / "answer_words.yaml"
FILE: Final = "answers"
#: How long a pulse lasts, and the pause after it; about as fast as one can count.
PULSE_MS: Final = 700
#: How many pulses each answer has: they tell it apart without colours and without sound.
PULSES: Final = {"heard": 1, "arrived": 2, "help_coming": 3, "not_getting_through": 4}
#: By answer the end of its inputs' names.
_OF: Final = {
    "heard": "heard",
    "arrived": "arrived",
    "help_coming": "coming",
    "not_getting_through": "failing",
}
_SCENE: Final = "kvarbo_answer_{{ answer | replace('.', '_') }}"

_PERCENT: Final = {"number": {"min": 1, "max": 100, "unit_of_measurement": "%"}}
_SILENCERS: Final = ["binary_sensor", "event", "input_button", "button"]
_MANY: Final = {"multiple": True}

#: Each input by section: its default (None of its own means that it must be given) and its selector.
_INPUTS: Final[dict[str, dict[str, tuple[Any, dict[str, Any]]]]] = {
    "what": {
        "answer": (
            ...,
            {
                "entity": {
                    "filter": [
                        {"integration": "kvarbo", "domain": "sensor", "device_class": "enum"}
                    ]
                }
            },
        ),
        "silence": ([], {"entity": {"domain": _SILENCERS, **_MANY}}),
    },
    "light": {
        "lamps": ([], {"entity": {"domain": "light", **_MANY}}),
        "brightness": (60, _PERCENT),
        "colour_heard": ([255, 255, 255], {"color_rgb": None}),
        "colour_arrived": ([40, 90, 255], {"color_rgb": None}),
        "colour_coming": ([0, 170, 60], {"color_rgb": None}),
        "colour_failing": ([255, 120, 0], {"color_rgb": None}),
    },
    "sound": {
        "sirens": ([], {"entity": {"domain": "siren", **_MANY}}),
        "siren_for": (1, {"number": {"min": 1, "max": 10, "unit_of_measurement": "s"}}),
        "players": ([], {"entity": {"domain": "media_player", **_MANY}}),
        "voice": ("", {"entity": {"domain": "tts"}}),
        **{f"say_{end}": (None, {"text": None}) for end in _OF.values()},
        "sound": ({}, {"media": {"accept": ["audio/*"]}}),
    },
    "touch": {"shakers": ([], {"entity": {"domain": "switch", **_MANY}})},
    "night": {
        "night_from": ("22:00:00", {"time": None}),
        "night_to": ("07:00:00", {"time": None}),
        "night_brightness": (10, _PERCENT),
        "sound_at_night": (False, {"boolean": None}),
    },
    "extras": {"also": ([], {"action": None})},
}


def words() -> dict[str, Any]:
    """Return the words in both languages."""
    said: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return said


def blueprint_of(
    language: str, headings: Mapping[str, str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the blueprint in a language; `headings` are those of all, `about` what stands at its head."""
    said = words()
    own = said[language]
    steps = _Steps(said["steps"][language])
    return {
        "blueprint": {
            "name": own["name"],
            "description": _description(own, headings),
            **about,
            "input": _sections(said, language),
        },
        "mode": "restart",
        "triggers": steps.triggers(),
        "variables": _variables(),
        "actions": steps.actions(),
    }


def _description(own: Mapping[str, Any], headings: Mapping[str, str]) -> str:
    parts = [own["need"]]
    parts += [f"**{headings[key]}:** {own[key]}" for key in ("senses", "alarms", "told", "stop")]
    unsuited = "\n".join(f"- {line}" for line in own["unsuited"])
    return "\n\n".join([*parts, f"**{headings['unsuited']}:**\n\n{unsuited}", headings["promise"]])


def _sections(said: Mapping[str, Any], language: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for section, inputs in _INPUTS.items():
        about = said["sections"][section]
        title, text = about[language]
        more = {"collapsed": True} if about.get("collapsed") else {}
        found[section] = {
            "name": title,
            "icon": about["icon"],
            "description": text,
            **more,
            "input": {name: _input(said, language, name, *made) for name, made in inputs.items()},
        }
    return found


def _input(
    said: Mapping[str, Any], language: str, name: str, default: Any, selector: dict[str, Any]
) -> dict[str, Any]:
    title, text, *aloud = said["inputs"][name][language]
    shown: dict[str, Any] = {"name": title, "description": text}
    if default is not ...:
        shown["default"] = aloud[0] if aloud else default
    return {**shown, "selector": selector}


def _variables() -> Step:
    by_answer = {
        name: {answer: Input(f"{name}_{end}") for answer, end in _OF.items()}
        for name in ("colour", "say")
    }
    clock = "now().strftime('%H:%M:%S')"
    return {
        **{
            name: Input(name)
            for name in ("answer", "lamps", "sirens", "players", "voice", "sound", "shakers")
        },
        "night_from": Input("night_from"),
        "night_to": Input("night_to"),
        "sound_at_night": Input("sound_at_night"),
        "bright": Input("brightness"),
        "dim": Input("night_brightness"),
        "colours": by_answer["colour"],
        "words": by_answer["say"],
        "pulses": PULSES,
        "scene": _SCENE,
        "said": "{{ states(answer) }}",
        "night": (
            "{{ night_from <= " + clock + " < night_to if night_from <= night_to else "
            "(" + clock + " >= night_from or " + clock + " < night_to) }}"
        ),
        "level": "{{ dim if night else bright }}",
        "news": (
            "{{ trigger.id == 'answer' and trigger.from_state is not none"
            " and trigger.from_state.state not in ['unavailable', 'unknown'] }}"
        ),
    }


class _Steps:
    """The steps, with aliases in one language."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = said

    def triggers(self) -> list[Step]:
        """Return what it listens to."""
        return [
            {
                "alias": self._said["by_answer"],
                "trigger": "state",
                "entity_id": Input("answer"),
                "id": "answer",
            },
            {
                "alias": self._said["by_silence"],
                "trigger": "state",
                "entity_id": Input("silence"),
                "id": "silence",
            },
            {
                "alias": self._said["by_start"],
                "trigger": "homeassistant",
                "event": "start",
                "id": "start",
            },
        ]

    def actions(self) -> list[Step]:
        """Return what is done."""
        pressed = (
            "trigger.from_state is not none and trigger.to_state is not none"
            " and trigger.from_state.state != 'unavailable'"
            " and trigger.to_state.state not in ['unavailable', 'unknown']"
            " and trigger.from_state.state != trigger.to_state.state"
            " and (trigger.to_state.domain != 'binary_sensor' or trigger.to_state.state == 'on')"
        )
        by_silence = {"alias": self._said["by_silence"], "condition": "trigger", "id": "silence"}
        answers = ", ".join(f"'{answer}'" for answer in PULSES)
        return [
            {
                "alias": self._said["choose"],
                "choose": [
                    {
                        "alias": self._said["silence"],
                        "conditions": [by_silence],
                        "sequence": [
                            self._if("hush", self._holds("is_silenced", pressed), *self._hush())
                        ],
                    },
                    {
                        "alias": self._said["over"],
                        "conditions": [self._holds("is_over", "said == 'idle'")],
                        "sequence": [*self._hush(), self._put_back()],
                    },
                    {
                        "alias": self._said["answered"],
                        "conditions": [self._holds("is_answer", f"said in [{answers}]")],
                        "sequence": [
                            *self._hush(),
                            self._remember(),
                            self._if(
                                "at_once",
                                self._holds("is_news", "news"),
                                {
                                    "alias": self._said["at_once"],
                                    "parallel": [self._pulses(), self._sound()],
                                },
                            ),
                            self._lamps("stay", "level"),
                            {"alias": self._said["also"], "sequence": Input("also")},
                        ],
                    },
                ],
            }
        ]

    def _hush(self) -> list[Step]:
        """End what sounds and shakes. The first step of every run: the last one may have been cut off."""
        return [
            self._if(
                "shake_off",
                self._there("shakers"),
                self._act("shake_off", "switch.turn_off", "shakers"),
            ),
            self._if(
                "siren_off",
                self._there("sirens"),
                self._act("siren_off", "siren.turn_off", "sirens"),
            ),
            self._if(
                "stop",
                self._there("players"),
                self._act("stop", "media_player.media_stop", "players"),
            ),
        ]

    def _pulses(self) -> Step:
        pause = {"alias": self._said["between"], "delay": {"milliseconds": PULSE_MS}}
        shaken = self._there("shakers")
        return {
            "alias": self._said["pulse"],
            "repeat": {
                "count": "{{ pulses[said] }}",
                "sequence": [
                    self._lamps("light", "level"),
                    self._if("shake", shaken, self._act("shake", "switch.turn_on", "shakers")),
                    pause,
                    self._lamps("faint", "[level // 5, 1] | max"),
                    self._if(
                        "shake_off", shaken, self._act("shake_off", "switch.turn_off", "shakers")
                    ),
                    pause,
                ],
            },
        }

    def _lamps(self, alias: str, level: str) -> Step:
        on = self._act(
            alias,
            "light.turn_on",
            "lamps",
            data={"brightness_pct": f"{{{{ {level} }}}}", "rgb_color": "{{ colours[said] }}"},
        )
        return self._if(alias, self._there("lamps"), on)

    def _sound(self) -> Step:
        siren = self._act("siren", "siren.turn_on", "sirens", data={"duration": Input("siren_for")})
        speak = {
            "alias": self._said["speak"],
            "action": "tts.speak",
            "target": {"entity_id": "{{ voice }}"},
            "data": {"media_player_entity_id": "{{ players }}", "message": "{{ words[said] }}"},
            "continue_on_error": True,
        }
        play = self._act(
            "play",
            "media_player.play_media",
            "players",
            data={
                "media_content_id": "{{ sound.media_content_id }}",
                "media_content_type": "{{ sound.media_content_type }}",
            },
        )
        has_voice = self._holds("has_voice", "voice | length > 0 and words[said] | length > 0")
        has_sound = self._holds("has_sound", "sound.media_content_id | default('') | length > 0")
        aloud = self._if("speak", has_voice, speak)
        played = self._if("play", has_sound, play)
        return self._if(
            "may_sound",
            self._holds("may_sound", "sound_at_night or not night"),
            self._if("siren", self._there("sirens"), siren),
            self._if("has_players", self._there("players"), aloud, played),
        )

    def _remember(self) -> Step:
        create = {
            "alias": self._said["remember"],
            "action": "scene.create",
            "data": {"scene_id": "{{ scene }}", "snapshot_entities": "{{ lamps }}"},
        }
        unknown = self._holds("is_unknown", "states.scene[scene] is none")
        return self._if("has_lamps", self._there("lamps"), self._if("remember", unknown, create))

    def _put_back(self) -> Step:
        target = {"target": {"entity_id": "scene.{{ scene }}"}}
        return self._if(
            "put_back",
            self._holds("is_known", "states.scene[scene] is not none"),
            {"alias": self._said["restore"], "action": "scene.turn_on", **target},
            {"alias": self._said["forget"], "action": "scene.delete", **target},
        )

    def _act(self, alias: str, action: str, on: str, **more: Any) -> Step:
        target = {"entity_id": f"{{{{ {on} }}}}"}
        # A lamp that refuses must not keep the siren from sounding.
        return {
            "alias": self._said[alias],
            "action": action,
            "target": target,
            **more,
            "continue_on_error": True,
        }

    def _there(self, what: str) -> Step:
        return self._holds(f"has_{what}", f"{what} | count > 0")

    def _holds(self, alias: str, template: str) -> Step:
        return {
            "alias": self._said[alias],
            "condition": "template",
            "value_template": f"{{{{ {template} }}}}",
        }

    def _if(self, alias: str, condition: Step, *steps: Step) -> Step:
        return {"alias": self._said[alias], "if": [condition], "then": list(steps)}
