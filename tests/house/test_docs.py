"""The documents are true: links, names, commands, lists, words. Each check is shown to bite."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from custom_components.kvarbo.alarm.kinds import KINDS, AlarmClass, AlarmKind
from custom_components.kvarbo.alarm.reason import Language, kind_text
from custom_components.kvarbo.transmission.hours import HOURS, Hour
from tests.house import docs

ROOT: Final = Path(__file__).parents[2]

type Check = Callable[[Path], list[str]]

CHECKS: Final[list[Check]] = [
    docs.find_broken_links,
    docs.find_missing_files,
    docs.find_missing_commands,
    docs.find_unexplained_packages,
    docs.find_forbidden_words,
    docs.find_wrong_swedish,
    docs.find_hard_words,
    docs.find_undocumented_actions,
    docs.find_undocumented_entities,
    docs.find_undocumented_settings,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_documents_are_true(check: Check) -> None:
    assert check(ROOT) == []


def test_alarms_lists_every_kind_as_it_is() -> None:
    told = {row[0].strip("`"): row[1:] for row in docs.rows(ROOT / "docs" / "alarms.md")}
    kinds = {
        kind: [
            kind_text(kind, Language.EN),
            kind_text(kind, Language.SV),
            traits.alarm_class,
            str(traits.priority),
        ]
        for kind, traits in KINDS.items()
    }
    assert {kind: told.get(kind, ["left out"])[:4] for kind in kinds} == kinds
    assert set(told) - set(kinds) == set()


def test_every_technical_alarm_says_what_it_means_who_acts_and_when() -> None:
    text = (ROOT / "docs" / "technical-alarms.md").read_text(encoding="utf-8")
    sections = {
        section.split("`")[1]: section for section in text.split("\n## ") if section.startswith("`")
    }
    technical = {k for k, traits in KINDS.items() if traits.alarm_class is AlarmClass.TECHNICAL}
    assert set(sections) == technical
    for kind in sorted(technical):
        for label in ("**Means:**", "**Who acts:**", "**Within:**", "**Ends:**"):
            assert label in sections[kind], f"{kind} does not say {label}"
        told = {Hour.NOW: "at once, day and night", Hour.WORKING: "when operations work"}
        assert f"**Told:** {told[HOURS[kind]]}." in sections[kind]
        assert kind_text(AlarmKind(kind), Language.SV) in sections[kind]


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_broken_link_is_named(tmp_path: Path) -> None:
    write(tmp_path, "docs/b.md", "# One, `two` & three\n## Again\n## Again\n")
    write(
        tmp_path,
        "README.md",
        "[a](docs/b.md#one-two--three) [b](docs/b.md#again-1) [c](https://example.org) [d](#here)\n"
        "```\n[no](link)\n```\n`[no](link)`\n# Here\n",
    )
    assert docs.find_broken_links(tmp_path) == []
    write(tmp_path, "docs/c.md", "\n[a](b.md#none) [b](gone.md) ![c](images/x.png)\n")
    assert docs.find_broken_links(tmp_path) == [
        "docs/c.md:2: b.md#none has no such heading",
        "docs/c.md:2: gone.md leads nowhere",
        "docs/c.md:2: images/x.png leads nowhere",
    ]


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    write(tmp_path, "custom_components/kvarbo/alarm/kinds.py", "")
    write(tmp_path, "README.md", "`alarm/kinds.py`, `docs/`, `any/thing`, `{a}/b.py`")
    (tmp_path / "docs").mkdir()
    assert docs.find_missing_files(tmp_path) == []
    write(tmp_path, "docs/a.md", "\n`alarm/sorts.py` and `tests/house/x.py`")
    assert docs.find_missing_files(tmp_path) == [
        "docs/a.md:2: there is no alarm/sorts.py",
        "docs/a.md:2: there is no tests/house/x.py",
    ]


def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    write(tmp_path, "scripts/demo", "case $1 in --once) ;; esac").chmod(0o755)
    write(tmp_path, "scripts/lint", "").chmod(0o644)
    (tmp_path / "scripts" / "lib").mkdir()
    write(tmp_path, "README.md", "```\nscripts/demo --once\n```\nsee scripts/lib")
    assert docs.find_missing_commands(tmp_path) == []
    write(tmp_path, "README.md", "scripts/demo --twice\nscripts/test\nscripts/lint\n.ci/run")
    assert docs.find_missing_commands(tmp_path) == [
        "README.md:1: scripts/demo does not speak of --twice",
        "README.md:2: there is no scripts/test",
        "README.md:3: scripts/lint cannot be run",
        "README.md:4: there is no .ci/run",
    ]


def test_a_package_without_a_word_is_named(tmp_path: Path) -> None:
    write(tmp_path, "requirements/requirements.in", "# why\nhomeassistant==2026.10.4\nRuff\n\n")
    write(
        tmp_path,
        "custom_components/kvarbo/manifest.json",
        '{"requirements": ["ulid-transform==2"]}',
    )
    write(tmp_path, "simulator/x.py", "import zigpy_ziggurat\nimport os\nfrom simulator import y")
    write(tmp_path, "docs/dependencies.md", "- `homeassistant`: the house\n```\n`ruff`\n```")
    assert docs.find_unexplained_packages(tmp_path) == [
        "docs/dependencies.md: nothing is said of ruff",
        "docs/dependencies.md: nothing is said of ulid-transform",
        "docs/dependencies.md: nothing is said of zigpy-ziggurat",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("see /wo", "rk/notes.md"),
        ("cd /ro", "ot/x"),
        ("=/ho", "me/anna/x"),
        ("--index-url https://py", "pi.org/simple"),
        ("https://files.python", "hosted.org/x"),
        ("http://deb.deb", "ian.org/debian"),
        ("https://registry.np", "mjs.org"),
    ],
)
def test_a_forbidden_word_is_named(words: tuple[str, str], tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "https://example.org/root/home/work/x ~/home $HOME/x\n")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\xff\xfe/wo" + b"rk/x")
    assert docs.find_forbidden_words(tmp_path) == []
    write(tmp_path, "c.sh", "\n" + "".join(words))
    [finding] = docs.find_forbidden_words(tmp_path)
    assert finding.startswith("c.sh:2: ")


def test_wrong_words_in_swedish_are_named(tmp_path: Path) -> None:
    write(tmp_path, "docs/sv/it.md", "Övervakning")
    write(tmp_path, "custom_components/kvarbo/alarm/texts/sv.json", '{"a": "Livstecken"}')
    assert docs.find_wrong_swedish(tmp_path) == [
        "docs/sv/it.md:1: say bevakning, not övervakning",
        "custom_components/kvarbo/alarm/texts/sv.json:1: say kontrollsignal, not livstecken",
    ]


def test_hard_words_for_a_resident_are_named(tmp_path: Path) -> None:
    write(tmp_path, "docs/sv/boende.md", "Tryck på knappen.\nDin QR-kod.")
    assert docs.find_hard_words(tmp_path) == [
        "docs/sv/boende.md:2: QR is no word for a resident",
        "docs/sv/boende.md: it does not say du",
    ]


def test_an_action_that_is_left_out_or_made_up_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        "custom_components/kvarbo/services.yaml",
        "raise_alarm:\n  fields:\n    kind: {}\n    place: {}\ncancel_alarm:\n  fields: {}\n",
    )
    write(
        tmp_path,
        "docs/actions.md",
        "## `kvarbo.raise_alarm`\n| Field | |\n| `kind` | x |\n| `colour` | x |\n"
        "## Other\n| `place` | x |\n## `kvarbo.sing`\n",
    )
    assert docs.find_undocumented_actions(tmp_path) == [
        "docs/actions.md: cancel_alarm is left out",
        "docs/actions.md: raise_alarm.place is left out",
        "docs/actions.md: raise_alarm.colour does not exist",
        "docs/actions.md: sing does not exist",
    ]


def test_triggers_and_conditions_have_pages_too(tmp_path: Path) -> None:
    common = ".common: &common\n  fields:\n    rule: {}\n    limit: {}\n"
    write(tmp_path, "custom_components/kvarbo/triggers.yaml", f"{common}warned: *common\n")
    write(tmp_path, "custom_components/kvarbo/conditions.yaml", "is_paused: {}\n")
    write(tmp_path, "docs/triggers.md", "## `kvarbo.warned`\n| `rule` | x |\n")
    assert docs.find_undocumented_actions(tmp_path) == [
        "docs/triggers.md: warned.limit is left out",
        "docs/conditions.md: is_paused is left out",
    ]


def test_an_entity_that_is_left_out_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        "custom_components/kvarbo/translations/en.json",
        '{"entity": {"sensor": {"a": {"name": "Waiting"}, "b": {"name": "Last receipt"}}}}',
    )
    write(tmp_path, "README.md", "| Waiting | how many |")
    assert docs.find_undocumented_entities(tmp_path) == [
        "README.md: nothing is said of the entity Last receipt"
    ]


def test_a_setting_that_is_left_out_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        "custom_components/kvarbo/translations/en.json",
        '{"config": {"step": {"user": {"data": {"a": "Number", "b": "Label"}}}}}',
    )
    write(tmp_path, "README.md", "| Label | what |")
    assert docs.find_undocumented_settings(tmp_path) == [
        "README.md: nothing is said of the setting Number"
    ]
