"""What hassfest would say, said before it: manifest, texts, actions, icons. Each check bites."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.house import flows, hassfest, sample, words
from tests.house.tree import FileMissingError

COMPONENT: Final = Path(__file__).parents[2] / "custom_components" / "kvarbo"

type Check = Callable[[Path], list[str]]
type Fault = Callable[[Path], object]

CHECKS: Final[list[Check]] = [
    hassfest.find_manifest_faults,
    hassfest.find_unnamed_dependencies,
    hassfest.find_translation_faults,
    hassfest.find_yaml_faults,
    hassfest.find_icon_faults,
    words.find_untranslated_errors,
    words.find_unused_texts,
    words.find_unnamed_entities,
    flows.find_undescribed_flows,
    flows.find_unlabelled_fields,
    flows.find_untold_problems,
    flows.find_untold_errors,
    flows.find_unnamed_choices,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_component_passes(check: Check) -> None:
    assert check(COMPONENT) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_sample_passes(check: Check, tmp_path: Path) -> None:
    assert check(sample.write(tmp_path)) == []


@pytest.mark.parametrize("name", ["manifest.json", "icons.json", "translations/sv.json"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    component = sample.write(tmp_path)
    (component / name).unlink()
    said = []
    for check in CHECKS:
        try:
            check(component)
        except FileMissingError as error:
            said.append(str(error))
    assert said
    assert all(text.startswith(f"{Path(name).name} is missing: ") for text in said)


def put(name: str, path: str, value: object) -> Fault:
    return lambda component: sample.put(component, name, path, value)


def replace(name: str, old: str, new: str) -> Fault:
    return lambda component: sample.replace(component, name, old, new)


def both(one: Fault, other: Fault) -> Fault:
    return lambda component: (one(component), other(component))


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (put("manifest.json", "version", ...), "version is missing"),
        (put("manifest.json", "quality_scale", "custom"), "order must be domain, name, codeowners"),
        (put("manifest.json", "domain", "other"), "domain is not the folder's name"),
        (put("manifest.json", "version", "soon"), "version is no version"),
        (put("manifest.json", "codeowners", ["kvarbo"]), "a code owner is written @name"),
        (put("manifest.json", "issue_tracker", "http://x"), "issue_tracker must be an https"),
        (put("manifest.json", "requirements", ["a>=1"]), "requirement a>=1 must be pinned"),
        (put("manifest.json", "after_dependencies", ["http"]), "http is in both lists"),
    ],
)
def test_a_fault_of_the_manifest_is_named(fault: Fault, found: str, tmp_path: Path) -> None:
    component = sample.write(tmp_path)
    fault(component)
    assert any(found in finding for finding in hassfest.find_manifest_faults(component))


def test_an_unnamed_dependency_is_named(tmp_path: Path) -> None:
    component = sample.write(tmp_path)
    sample.put(component, "manifest.json", "dependencies", [])
    assert hassfest.find_unnamed_dependencies(component) == [
        "config_flow.py:3: http is in no list of dependencies of manifest.json"
    ]
    sample.replace(component, "config_flow.py", "components import http", "components.zha import x")
    assert hassfest.find_unnamed_dependencies(component) == [
        "config_flow.py:3: zha is in no list of dependencies of manifest.json"
    ]
    sample.replace(
        component,
        "config_flow.py",
        "from homeassistant",
        "if TYPE_CHECKING:\n    from homeassistant",
    )
    assert hassfest.find_unnamed_dependencies(component) == []


BOTH: Final = "translations"
SV: Final = "translations/sv.json"


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (put(BOTH, "confg", {}), "confg"),
        (put(BOTH, "issues.no_receiver.description", ...), "issues"),
        (put(BOTH, "services.raise_alarm.description", ...), "services"),
        (put(BOTH, "config_subentries.device.entry_type", ...), "entry_type"),
        (put(BOTH, "config.step.user.title", " x"), "begins or ends with a space"),
        (put(BOTH, "config.step.user.title", ""), "is empty"),
        (put(BOTH, "config.step.user.title", "a <b>x</b>"), "holds HTML"),
        (put(BOTH, "config.step.user.title", "see https://example.org"), "holds an address"),
        (put(BOTH, "config.step.user.title", "[%key:common::x%]"), "holds a reference"),
        (put(BOTH, "config.step.user.title", "'{a}'"), "single quotes"),
        (put(BOTH, "config.step.user.title", "{a b}"), "a placeholder that is no name"),
        (put(BOTH, "config.step.user.title", "{a"), "broken braces"),
        (put(BOTH, "config.error.too__long", "x"), "config.error.too__long is no valid key"),
        (put(BOTH, "config.step.user.data_description.x", "x"), "data_description.x is no field"),
        (put(SV, "config.error.too_long", ...), "sv: config.error.too_long is missing"),
        (put(SV, "config.error.more", "x"), "en: config.error.more is missing"),
        (
            put(SV, "exceptions.unknown_alarm.message", "Inget larm {larm}."),
            "sv: exceptions.unknown_alarm.message has the placeholders ['larm'], en has ['alarm']",
        ),
        (lambda component: (component / "strings.json").touch(), "strings.json: a custom"),
    ],
)
def test_a_fault_of_the_texts_is_named(fault: Fault, found: str, tmp_path: Path) -> None:
    component = sample.write(tmp_path)
    fault(component)
    assert any(found in finding for finding in hassfest.find_translation_faults(component))


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (
            put(BOTH, "services.raise_alarm.fields.kind.description", ...),
            "services.yaml: services.raise_alarm.fields.kind.description is in no text",
        ),
        (
            put(BOTH, "services.raise_alarm.fields.x", {"name": "X", "description": "X"}),
            "services.raise_alarm.fields.x is in no services.yaml",
        ),
        (put("icons.json", "services.raise_alarm", ...), "services.raise_alarm.service is missing"),
        (
            put("icons.json", "services.x", {"service": "mdi:x"}),
            "services.x is in no services.yaml",
        ),
        (put(BOTH, "services.x", {"name": "X"}), "translations: services.x is in no services.yaml"),
        (
            put(BOTH, "selector.kind.options", {"fall": "Fall"}),
            "raise_alarm.kind: selector.kind.options.fall is no option",
        ),
        (put(BOTH, "selector.kind", ...), "selector.kind.options.help_call has no text"),
        (replace("services.yaml", "translation_key", "custom_value"), "no translation_key"),
        (
            lambda component: (component / "triggers.yaml").write_text("warned: {}\n"),
            "triggers.yaml: triggers.warned.name is in no text",
        ),
        (
            lambda component: (component / "triggers.yaml").write_text(
                ".common: &common\n  fields: {}\nwarned: *common\n"
            ),
            "triggers.yaml: triggers.warned.name is in no text",
        ),
        (
            lambda component: (component / "conditions.yaml").write_text("at_home: {}\n"),
            "icons.json: conditions.at_home.condition is missing",
        ),
    ],
)
def test_an_undescribed_action_is_named(fault: Fault, found: str, tmp_path: Path) -> None:
    component = sample.write(tmp_path)
    fault(component)
    assert any(found in finding for finding in hassfest.find_yaml_faults(component))


def test_an_anchor_for_others_needs_no_words(tmp_path: Path) -> None:
    component = sample.write(tmp_path)
    before = hassfest.find_yaml_faults(component)
    (component / "triggers.yaml").write_text(".common: {}\n", encoding="utf-8")
    assert hassfest.find_yaml_faults(component) == before


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (put("icons.json", "entity.sensor.waiting.default", "fa:x"), "must be an mdi: icon"),
        (put("icons.json", "entity.sensor.waiting", ...), "entity.sensor.waiting is missing"),
        (put("icons.json", "entity.button", {"x": {}}), "entity.button.x has no name"),
        (put("icons.json", "entities", {}), "entities is no section"),
    ],
)
def test_a_fault_of_the_icons_is_named(fault: Fault, found: str, tmp_path: Path) -> None:
    component = sample.write(tmp_path)
    fault(component)
    assert any(found in finding for finding in hassfest.find_icon_faults(component))


DIAGNOSTICS: Final = "diagnostics.py"
FLOW: Final = "config_flow.py"


@pytest.mark.parametrize(
    ("check", "fault", "found"),
    [
        (
            words.find_untranslated_errors,
            put(BOTH, "exceptions.unknown_alarm", ...),
            "diagnostics.py:9: exceptions.unknown_alarm has no text",
        ),
        (
            words.find_untranslated_errors,
            put(BOTH, "issues.no_receiver", ...),
            "diagnostics.py:17: issues.no_receiver has no text",
        ),
        (
            words.find_untranslated_errors,
            replace(DIAGNOSTICS, '{"alarm": alarm}', '{"id": alarm}'),
            "diagnostics.py:9: exceptions.unknown_alarm is not given alarm",
        ),
        (
            words.find_untranslated_errors,
            replace(DIAGNOSTICS, "        translation_domain=DOMAIN,\n", ""),
            "diagnostics.py:7: a translated error needs its translation_domain",
        ),
        (
            words.find_untranslated_errors,
            replace(DIAGNOSTICS, '"unknown_alarm"', "key"),
            "diagnostics.py:7: cannot read which translation_key this is",
        ),
        (
            words.find_untranslated_errors,
            replace(DIAGNOSTICS, '"unknown_alarm"', "alarm"),
            "actions.py:11: exceptions.gone has no text",
        ),
        (
            words.find_untranslated_errors,
            replace(DIAGNOSTICS, 'translation_key="no_receiver"', "translation_key=KEYS.get(x)"),
            "diagnostics.py:17: issues.gone has no text",
        ),
        (
            words.find_untranslated_errors,
            both(
                replace(DIAGNOSTICS, '"unknown_alarm"', "alarm"),
                replace("actions.py", 'complain("gone")', 'complain(f"un{alarm}" or WHY["a"])'),
            ),
            "actions.py:11: exceptions.gone has no text",
        ),
        (
            words.find_unused_texts,
            put(BOTH, "exceptions.old", {"message": "x"}),
            "translations: exceptions.old is used nowhere",
        ),
        (
            words.find_unused_texts,
            put(BOTH, "entity.sensor.old", {"name": "x"}),
            "translations: entity.sensor.old is used nowhere",
        ),
        (
            words.find_unnamed_entities,
            put(BOTH, "entity.sensor.waiting.name", ...),
            "sensor.py:6: entity.sensor.waiting has no name",
        ),
        (
            words.find_unnamed_entities,
            put("icons.json", "entity.event.answer", ...),
            "event.py:7: entity.event.answer has no icon",
        ),
        (
            words.find_unnamed_entities,
            replace("sensor.py", '"some"', '"many"'),
            "sensor.py:7: entity.sensor.*.state.many has no text",
        ),
        (
            words.find_unnamed_entities,
            replace("event.py", "    IDLE =", '    SENT = "sent"\n    IDLE ='),
            "event.py:9: entity.event.*.state_attributes.event_type.state.sent has no text",
        ),
        (
            flows.find_undescribed_flows,
            put(BOTH, "config.step.user", ...),
            "config_flow.py:22: config.step.user has no text",
        ),
        (
            flows.find_undescribed_flows,
            replace(FLOW, '"too_long"', '"too_wide"'),
            "config_flow.py:19: config.error.too_wide has no text",
        ),
        (
            flows.find_undescribed_flows,
            put(BOTH, "config.abort.already_configured", ...),
            "config_flow.py:20: config.abort.already_configured has no text",
        ),
        (
            flows.find_undescribed_flows,
            put(BOTH, "config_subentries.device.step.user", ...),
            "config_flow.py:32: config_subentries.device.step.user has no text",
        ),
        (
            flows.find_undescribed_flows,
            replace(FLOW, '"not_ready"', '"a" if x else "not_ready"'),
            "config_flow.py:31: config_subentries.device.abort.a has no text",
        ),
        (
            flows.find_undescribed_flows,
            replace(FLOW, 'async_abort(reason="not_ready")', "async_update_and_abort(entry)"),
            "config_flow.py:31: config_subentries.device.abort.reauth_successful has no text",
        ),
        (
            flows.find_undescribed_flows,
            put(BOTH, "config.error.old", "x"),
            "translations: config.error.old is used nowhere",
        ),
        (
            flows.find_undescribed_flows,
            put(BOTH, "config.step.user.title", "{limit} and {least}"),
            "config_flow.py:22: config.step.user is not given least",
        ),
        (
            flows.find_undescribed_flows,
            put(BOTH, "config_subentries.device.step.ready.menu_options.user", ...),
            "config_flow.py:35: config_subentries.device.step.ready.menu_options.user has no text",
        ),
        (
            flows.find_undescribed_flows,
            replace(FLOW, "async_step_ready", "async_step_reconfigure"),
            "config_flow.py:28: config_subentries.device.initiate_flow.reconfigure has no text",
        ),
        (
            flows.find_untold_errors,
            put(BOTH, "config.error.digits", ...),
            "flows/home.py:4: no flow has the error digits",
        ),
        (
            flows.find_untold_errors,
            replace("flows/home.py", 'Flaw(NUMBER, "digits")', 'Flaw(NUMBER, "letters")'),
            "flows/home.py:7: no flow has the error letters",
        ),
        (
            flows.find_untold_errors,
            put(BOTH, "config.error.gone", ...),
            "flows/home.py:6: no flow has the error gone",
        ),
        (
            flows.find_untold_problems,
            replace(FLOW, 'WIDE = "too_long"', 'WIDE = "too_wide"'),
            "NumberProblem.WIDE: no flow has the error too_wide",
        ),
        (
            flows.find_unnamed_choices,
            replace(FLOW, 'one_of("kind")', 'one_of("sort")'),
            "config_flow.py:8: selector.sort.options has no texts",
        ),
        (
            flows.find_unnamed_choices,
            put(BOTH, "selector.kind.options.old", "x"),
            "translations: selector.kind.options.old is used nowhere",
        ),
        (
            flows.find_unlabelled_fields,
            put(BOTH, "config.step.user.data_description", {}),
            "config_flow.py:21: the field number has no data_description",
        ),
        (
            flows.find_unlabelled_fields,
            put(BOTH, "config.step.user.data.old", "x"),
            "translations: old labels no field of a flow",
        ),
    ],
)
def test_words_that_are_missing_or_left_over_are_named(
    check: Check, fault: Fault, found: str, tmp_path: Path
) -> None:
    component = sample.write(tmp_path)
    fault(component)
    assert found in check(component)
