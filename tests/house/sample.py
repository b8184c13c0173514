"""A small component in which all is well, for checks to be shown one fault at a time."""

from collections.abc import Callable
import json
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = {
    "domain": "kvarbo",
    "name": "Kvarbo",
    "codeowners": ["@kvarbo"],
    "config_flow": True,
    "dependencies": ["http"],
    "documentation": "https://example.org/docs",
    "integration_type": "hub",
    "iot_class": "local_push",
    "issue_tracker": "https://example.org/issues",
    "requirements": ["aiomqtt==2.5.1"],
    "version": "0.0.0",
}

TEXTS: Final = {
    "config": {
        "step": {
            "user": {
                "title": "The home",
                "data": {"number": "Number"},
                "data_description": {"number": "Up to {limit} digits."},
            }
        },
        "error": {"too_long": "Too long", "digits": "Digits only", "gone": "Gone"},
        "abort": {"already_configured": "Already there"},
    },
    "config_subentries": {
        "device": {
            "entry_type": "Device",
            "initiate_flow": {"user": "Add device"},
            "step": {
                "user": {"title": "A device"},
                "ready": {"menu_options": {"user": "Another", "other": "Other"}},
            },
            "abort": {"not_ready": "Not ready"},
        }
    },
    "entity": {
        "sensor": {"waiting": {"name": "Waiting", "state": {"none": "None", "some": "Some"}}},
        "event": {
            "answer": {
                "name": "Answer",
                "state_attributes": {"event_type": {"state": {"heard": "Heard"}}},
            }
        },
    },
    "exceptions": {"unknown_alarm": {"message": "No alarm {alarm}."}},
    "issues": {"no_receiver": {"title": "No receiver", "description": "Add one."}},
    "services": {
        "raise_alarm": {
            "name": "Raise alarm",
            "description": "Raises an alarm.",
            "fields": {"kind": {"name": "Kind", "description": "What has happened."}},
        }
    },
    "selector": {"kind": {"options": {"help_call": "Help call"}}},
}

SERVICES: Final = """
raise_alarm:
  fields:
    kind:
      required: true
      selector:
        select:
          options: [help_call]
          translation_key: kind
"""

ICONS: Final = {
    "entity": {
        "sensor": {"waiting": {"default": "mdi:timer-sand"}},
        "event": {"answer": {"default": "mdi:bell"}},
    },
    "services": {"raise_alarm": {"service": "mdi:alarm-light"}},
}

CONFIG_FLOW: Final = """
from enum import StrEnum
from homeassistant.components import http
NUMBER = "number"

def one_of(key):
    return SelectSelectorConfig(options=["help_call"], translation_key=key)
KINDS = one_of("kind")

class NumberProblem(StrEnum):
    WIDE = "too_long"
    HIGH = "too_long"


class HomeFlow(ConfigFlow, domain=DOMAIN):
    async def async_step_user(self, user_input):
        errors = {}
        if bad:
            errors[NUMBER] = "too_long"
        self._abort_if_unique_id_configured()
        schema = Schema({Required(NUMBER): str})
        return self.async_show_form(step_id="user", data_schema=schema, errors=errors,
            description_placeholders={"limit": "16"})

    def async_get_supported_subentry_types(cls, entry):
        return {"device": DeviceFlow}

class DeviceFlow(ConfigSubentryFlow):
    async def async_step_user(self, user_input):
        if bad:
            return self.async_abort(reason="not_ready")
        return self.async_show_form(step_id="user")

    async def async_step_ready(self, user_input):
        options = ["user", *(["other"] if more else [])]
        return self.async_show_menu(step_id="ready", menu_options=options)
"""

FORMS: Final = """
def read(typed) -> dict[str, str]:
    if typed:
        return {NUMBER: "digits"}
    if typed is None:
        raise PickError("gone")
    return Flaw(NUMBER, "digits")

def source() -> Source:
    return {KIND: "entity"}
"""

ACTIONS: Final = """
from homeassistant.components.diagnostics import async_redact_data
DOMAIN = "kvarbo"
KEYS = {1: "no_receiver", 2: "gone"}

def complain(alarm):
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="unknown_alarm",
        translation_placeholders={"alarm": alarm},
    )

def _refuse(other, words): ...

def report(hass):
    _refuse(1, "sv")
    async_create_issue(hass, DOMAIN, "no_receiver", translation_key="no_receiver")
"""

CALLER: Final = """
from .diagnostics import complain

def _refuse(kind, key):
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders={"alarm": kind}
    )
WHY = {"a": "gone"}

def find(alarm):
    complain("gone")
    raise _refuse(alarm, "unknown_alarm")
"""

SENSOR: Final = """
class Waiting(StrEnum):
    NONE = "none"
    SOME = "some"

DESCRIPTION = SensorEntityDescription(
    key="w", translation_key="waiting", options=list(Waiting)
)
"""

EVENT: Final = """
class Answer(StrEnum):
    IDLE = "idle"
    HEARD = "heard"

class AnswerEvent(EventEntity):
    _attr_translation_key = "answer"
    _attr_event_types = [str(a) for a in Answer if a is not Answer.IDLE]
"""

CODE: Final = {
    "config_flow.py": CONFIG_FLOW,
    "diagnostics.py": ACTIONS,
    "actions.py": CALLER,
    "sensor.py": SENSOR,
    "event.py": EVENT,
    "flows/home.py": FORMS,
}


def write(folder: Path) -> Path:
    """Write the component into a folder and return it."""
    component = folder / "kvarbo"
    (component / "translations").mkdir(parents=True)
    for name, tree in (
        ("manifest.json", MANIFEST),
        ("icons.json", ICONS),
        ("translations/en.json", TEXTS),
        ("translations/sv.json", TEXTS),
    ):
        (component / name).write_text(json.dumps(tree), encoding="utf-8")
    (component / "services.yaml").write_text(SERVICES, encoding="utf-8")
    (component / "flows").mkdir()
    for name, code in CODE.items():
        (component / name).write_text(code, encoding="utf-8")
    return component


def edit(component: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change one JSON file of the component; a change of `translations` goes into both."""
    names = [name]
    if name == "translations":
        names = ["translations/en.json", "translations/sv.json"]
    for path in (component / each for each in names):
        tree = json.loads(path.read_text(encoding="utf-8"))
        change(tree)
        path.write_text(json.dumps(tree), encoding="utf-8")


def put(component: Path, name: str, path: str, value: object) -> None:
    """Set what stands at a dotted path of a JSON file, or remove it with `...`."""
    *above, last = path.split(".")

    def change(tree: dict[str, Any]) -> None:
        for key in above:
            tree = tree.setdefault(key, {})
        if value is ...:
            del tree[last]
        else:
            tree[last] = value

    edit(component, name, change)


def replace(component: Path, name: str, old: str, new: str) -> None:
    """Replace words in a file that must hold them."""
    path = component / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
