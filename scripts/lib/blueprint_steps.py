"""What a blueprint does: triggers, variables and steps, as YAML has them.

Two forms. An alarm's: the alarm goes out, the resident is warned before it by light or sound, and
the lamps are put back when it is over. A light's: it shows the way and alarms nobody.
"""

from dataclasses import dataclass
from typing import Any, Final

type Step = dict[str, Any]

#: How many runs there may be at the same time; none is ever held back by another (S8).
MOST_RUNS: Final = 10


class Input(str):
    """The name of an input, written `!input name`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What the steps depend on.

    `said` are the aliases in one language, `options` what all its triggers are told. `reminds`: the
    watcher itself repeats its warning, which is a reminder (R15).
    """

    rule: str
    of_home: bool
    reminds: bool
    warns: bool
    options: dict[str, Any]
    said: dict[str, str]

    @property
    def scene(self) -> str:
        """The scene that remembers how the lamps were."""
        if self.of_home:
            return f"kvarbo_{self.rule}{{{{ '_' ~ rule_name if rule_name }}}}"
        return f"kvarbo_{self.rule}_{{{{ resident | int }}}}{{{{ '_' ~ rule_name if rule_name }}}}"

    def trigger(self, told: str) -> Step:
        """Return the trigger of one stage."""
        return {
            "alias": self.said[f"is_{told}"],
            "trigger": f"kvarbo.{told}",
            "id": told,
            "target": {"device_id": Input("home")},
            "options": self.options,
        }

    def branch(self, alias: str, told: str, *steps: Step, only: Step | None = None) -> Step:
        """Return what is done for one stage."""
        conditions = [self.when(f"is_{told}", told)] + ([only] if only else [])
        return {"alias": self.said[alias], "conditions": conditions, "sequence": list(steps)}

    def when(self, alias: str, told: str) -> Step:
        """Return the condition that a stage has come."""
        return {"alias": self.said[alias], "condition": "trigger", "id": told}

    def holds(self, alias: str, template: str) -> Step:
        """Return the condition that a template holds."""
        return {
            "alias": self.said[alias],
            "condition": "template",
            "value_template": f"{{{{ {template} }}}}",
        }

    def act(self, alias: str, action: str, **more: Any) -> Step:
        """Return a step that calls an action."""
        return {"alias": self.said[alias], "action": action, **more}

    def also(self, name: str) -> Step:
        """Return the step that does what the coordinator has added."""
        return {"alias": self.said[name], "sequence": Input(name)}

    def if_(self, alias: str, condition: Step, *steps: Step, otherwise: Step | None = None) -> Step:
        """Return steps that are done when a condition holds."""
        step: Step = {"alias": self.said[alias], "if": [condition], "then": list(steps)}
        return step | ({"else": [otherwise]} if otherwise else {})

    def wait(self, alias: str, timeout: str) -> Step:
        """Return the step that waits until it is over, or the time of an input has passed."""
        ended = self.trigger("recovered")
        return {
            "alias": self.said[alias],
            "wait_for_trigger": [ended],
            "timeout": Input(timeout),
            "continue_on_timeout": True,
        }


def triggers(need: Need) -> list[Step]:
    """Return the triggers of a need that alarms."""
    if not need.warns:
        return [need.trigger("alarmed"), need.trigger("recovered")]
    return [need.trigger("alarmed"), need.trigger("warned"), need.trigger("recovered")]


def variables(need: Need) -> Step:
    """Return what the steps of a need that alarms look at."""
    found: Step = {} if need.of_home else {"resident": Input("resident")}
    if not need.warns:
        return {}
    found |= {
        "rule_name": Input("name"),
        "lamps": Input("warning_lights"),
        "players": Input("warning_players"),
        "voice": Input("warning_voice"),
        "message": Input("warning_message"),
        "sound": Input("warning_sound"),
    }
    if not need.reminds:
        found["again"] = Input("warning_repeats")
    return found | {"scene": need.scene}


def actions(need: Need) -> list[Step]:
    """Return the steps of a need that alarms."""
    raise_it = need.act("raise", "kvarbo.raise_alarm", data={"episode": "{{ trigger.episode }}"})
    # A reminder has done its work when it alarms; a warning's light stays on for who comes to help.
    done = [_put_back(need)] if need.reminds else []
    branches = [
        need.branch("alarm", "alarmed", raise_it, *done, need.also("after_alarm")),
    ]
    if need.warns:
        steps = [_light(need), need.also("on_warning"), *_say(need)]
        if need.reminds:
            lit = need.holds("has_lights", "lamps | count > 0")
            wait = need.wait("light_for", "warning_light_for")
            steps.append(need.if_("light_for", lit, wait, _put_back(need)))
        quiet = need.holds("is_not_quiet", "not trigger.quiet")
        branches.append(need.branch("warn", "warned", *steps, only=quiet))
    ended = [_put_back(need)] if need.warns else []
    branches.append(need.branch("over", "recovered", *ended, need.also("on_recovered")))
    return [{"alias": need.said["choose"], "choose": branches}]


def light_triggers(need: Need) -> list[Step]:
    """Return the triggers of the light that alarms nobody."""
    return [need.trigger("warned"), need.trigger("recovered")]


def light_variables(need: Need) -> Step:
    """Return what the light's steps look at."""
    return {
        "resident": Input("resident"),
        "rule_name": Input("name"),
        "lamps": Input("path_lights"),
        "faint_at": Input("path_brightness"),
        "scene": need.scene,
    }


def light_actions(need: Need) -> list[Step]:
    """Return the steps of the light. It heeds no quiet hours: the resident has asked for it."""
    dark = {
        "alias": need.said["dark"],
        "variables": {"dark": "{{ lamps | select('is_state', 'off') | list }}"},
    }
    on = need.act(
        "turn_on",
        "light.turn_on",
        target={"entity_id": "{{ dark }}"},
        data={"brightness_pct": Input("path_brightness"), "transition": Input("path_rise")},
    )
    up = need.if_(
        "light", need.holds("has_lights", "dark | count > 0"), _remember(need, "dark"), on
    )
    known = need.holds("is_known", "states.scene[scene] is not none")
    back = _restore(need, transition=Input("path_fall"))
    down = need.if_("dim_out", known, *back, otherwise=_faint_off(need))
    return [
        {
            "alias": need.said["choose"],
            "choose": [
                need.branch("exit", "warned", dark, up),
                need.branch("return", "recovered", down),
            ],
        }
    ]


def _faint_off(need: Need) -> Step:
    """Return what puts out the lamps that only this can have lit, when a restart has forgotten them.

    A lamp that shines brighter, or cannot be dimmed, was lit by somebody else for all that is known.
    """
    faint = (
        "{{ expand(lamps) | selectattr('state', 'eq', 'on')"
        " | rejectattr('attributes.brightness', 'undefined')"
        " | selectattr('attributes.brightness', 'le', (faint_at * 2.55) | round(0, 'ceil'))"
        " | map(attribute='entity_id') | list }}"
    )
    off = need.act(
        "dim_off",
        "light.turn_off",
        target={"entity_id": "{{ faint }}"},
        data={"transition": Input("path_fall")},
    )
    return {
        "alias": need.said["dim_off"],
        "sequence": [
            {"alias": need.said["find_faint"], "variables": {"faint": faint}},
            need.if_("dim_off", need.holds("has_lights", "faint | count > 0"), off),
        ],
    }


def _remember(need: Need, lamps: str) -> Step:
    unknown = need.holds("is_unknown", "states.scene[scene] is none")
    create = need.act(
        "remember",
        "scene.create",
        data={"scene_id": "{{ scene }}", "snapshot_entities": f"{{{{ {lamps} }}}}"},
    )
    return need.if_("remember", unknown, create)


def _restore(need: Need, **data: Any) -> list[Step]:
    target = {"entity_id": "scene.{{ scene }}"}
    more = {"data": data} if data else {}
    return [
        need.act("restore", "scene.turn_on", target=target, **more),
        need.act("forget", "scene.delete", target=target),
    ]


def _put_back(need: Need) -> Step:
    known = need.holds("is_known", "states.scene[scene] is not none")
    return need.if_("put_back", known, *_restore(need))


def _light(need: Need) -> Step:
    on = need.act(
        "turn_on",
        "light.turn_on",
        target={"entity_id": "{{ lamps }}"},
        data={"brightness_pct": Input("warning_brightness")},
    )
    has = need.holds("has_lights", "lamps | count > 0")
    return need.if_("light", has, _remember(need, "lamps"), on)


def _say(need: Need) -> list[Step]:
    speak = need.act(
        "speak",
        "tts.speak",
        target={"entity_id": "{{ voice }}"},
        data={"media_player_entity_id": "{{ players }}", "message": "{{ message }}"},
    )
    play = need.act(
        "play",
        "media_player.play_media",
        target={"entity_id": "{{ players }}"},
        data={
            "media_content_id": "{{ sound.media_content_id }}",
            "media_content_type": "{{ sound.media_content_type }}",
        },
    )
    can_speak = need.holds("has_voice", "voice | length > 0 and message | length > 0")
    can_play = need.holds("has_sound", "sound.media_content_id | default('') | length > 0")
    once = [need.if_("speak", can_speak, speak), need.if_("play", can_play, play)]
    has_players = need.holds("has_players", "players | count > 0")
    if need.reminds:
        return [need.if_("say", has_players, *once)]
    more = need.holds(
        "not_over",
        "repeat.first or (repeat.index <= again | int + 1 and not wait.completed)",
    )
    pause = need.wait("pause", "warning_pause")
    # Only who is spoken to is waited for: a run that waits for nothing ends.
    again = {
        "alias": need.said["say_again"],
        "repeat": {"while": [more], "sequence": [*once, pause]},
    }
    return [need.if_("say", has_players, again)]
