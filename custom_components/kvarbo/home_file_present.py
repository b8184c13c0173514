"""A home as it is now, as a home file: all that a coordinator has set, and nothing that is secret."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .const import (
    CONF_DEMO,
    CONF_INTERFACE,
    CONF_LABEL,
    CONF_NAMESERVERS,
    CONF_NEXT_NUMBER,
    CONF_REVIEW,
    CONF_SECOND,
    CONF_WAY,
    CONF_WAY_OUT,
)
from .dwelling import dwelling_of
from .home import Home
from .home_file.automations import Piece, by_identity, id_of, inputs_of
from .home_file.blueprints import BLUEPRINTS, OWN, STEPS
from .home_file.keys import Findings, RowClass, read_row
from .home_file.reader import read_home_tree, read_rule_row
from .home_file.rows import LISTS, VERSION, HomeFile, InputsRow, RuleRow
from .home_file.tree import Branch, HomeFileError, planted
from .home_file.writer import write_plainly, write_rule
from .home_file_rows import device_json, receiver_json, receiver_names
from .rule import Rule
from .supervision.identity import Identity
from .supervision.settings import Json
from .supervision.slot import Slot


@dataclass(frozen=True, slots=True)
class Present:
    """The home's file, what of the home is not in it, and which rules a person's automation runs."""

    file: HomeFile
    left_out: tuple[str, ...]
    by_hand: frozenset[Identity]


def present(home: Home, automations: list[Piece]) -> Present:
    """Return a home as it is now. `automations` is what `automations.yaml` holds.

    What cannot be said in a file, since a later release has stored it or somebody's steps are in it,
    is named and left out.
    """
    left_out: list[str] = []
    made: dict[str, Json] = {"kvarbo_home": VERSION, "home": _home(home)}
    made["dwelling"] = write_plainly(dwelling_of(home.entry))
    if (way := _way_out(home)) is not None:
        made["way_out"] = way
    names = receiver_names(home.receivers())
    lists: dict[str, list[dict[str, Json]]] = {
        "receivers": [receiver_json(r.data, names[r.subentry_id]) for r in home.receivers()],
        "devices": [device_json(d.data) for d in home.device_subentries()],
        "consents": _consents(home),
        "pauses": _pauses(home),
    }
    for section, rows in lists.items():
        made[section] = [row for row in rows if _fits(LISTS[section][0], row, section, left_out)]
    made["rules"] = _rules(home, automations, left_out)
    try:
        file = _read(made)
    except HomeFileError as err:
        # Two of its parts do not fit together: a section that cannot be read is named whole.
        for section in {flaw.field.split(".")[0].split("[")[0] for flaw in err.flaws}:
            left_out.append(section)
            made.pop(section, None)
        file = _read({**made, "home": _home(home)})
    return Present(file, tuple(sorted(left_out)), _by_hand(home, automations))


def _read(made: dict[str, Json]) -> HomeFile:
    root = planted(made)
    if not isinstance(root, Branch):  # pragma: no cover - a mapping was planted
        raise AssertionError
    return read_home_tree(root)


def _home(home: Home) -> dict[str, Json]:
    data = home.entry.data
    made: dict[str, Json] = {"controller": home.controller, "label": data[CONF_LABEL]}
    if (review := data.get(CONF_REVIEW)) is not None:
        made["review"] = review
    return made | {"next_number": int(data.get(CONF_NEXT_NUMBER, 1))}


def _way_out(home: Home) -> dict[str, Json] | None:
    kept = home.entry.data.get(CONF_WAY_OUT)
    if home.entry.data[CONF_DEMO] or not isinstance(kept, dict):
        return None
    wanted = (CONF_WAY, CONF_INTERFACE, CONF_NAMESERVERS, CONF_SECOND)
    return {name: kept[name] for name in wanted if kept.get(name)}


def _consents(home: Home) -> list[dict[str, Json]]:
    return [
        {
            "function": str(function),
            "resident": resident,
            "basis": consent.basis,
            "taken_by": consent.taken_by,
            "given": moment(consent.given_at),
            "until": None if consent.until is None else moment(consent.until),
        }
        for (function, resident), consent in sorted(home.watching.consents.held().items())
    ]


def _pauses(home: Home) -> list[dict[str, Json]]:
    now = home.watching.now()
    return [
        {"resident": number, "until": moment(state.paused_until)}
        for number, state in sorted(home.watching.house.residents.items())
        if state.paused_until is not None and state.paused_until > now
    ]


def moment(at: float) -> str:
    """Return home time as a file writes it, in whole seconds."""
    return datetime.fromtimestamp(int(at), UTC).isoformat()


def _fits(row: type[RowClass], made: dict[str, Json], section: str, left_out: list[str]) -> bool:
    found = Findings()
    read_row(row, planted(made), section, found)
    known = "/".join(str(made.get(name)) for name in LISTS[section][1])
    left_out += sorted({f"{section}.{known}" for _ in found.flaws})
    return not found.flaws


def _rules(home: Home, automations: list[Piece], left_out: list[str]) -> list[Json]:
    made_of = by_identity(automations)
    made: list[Json] = []
    for identity, slot in sorted(home.watching.supervisor.slots.items()):
        if identity.kind in OWN:
            continue
        inputs = inputs_of(made_of[identity].value) if identity in made_of else {}
        row = _rule(slot, identity, inputs)
        if row is None:
            left_out.append(f"rules.{identity}")
            continue
        made.append(write_rule(row))
        left_out += [f"rules.{identity}.{name}" for name in STEPS if inputs.get(name)]
    return made


def _rule(slot: Slot, identity: Identity, inputs: dict[str, Json]) -> RuleRow | None:
    """Return a rule as it runs, with what its automation tells of warnings; None for one that no file can say."""
    row = RuleRow(Rule(identity, slot.watcher.settings, slot.options))
    made: dict[str, Any] = write_rule(row)
    if identity.kind not in BLUEPRINTS:
        return None
    asked = BLUEPRINTS[identity.kind].inputs
    found = Findings()
    said = {
        name: value for name, value in inputs.items() if name in asked and value not in ("", [], {})
    }
    for name in list(said):
        # A template, or what is out of bounds: the rule is said without it.
        one = Findings()
        read_row(InputsRow, planted({name: said[name]}), "inputs", one)
        if one.flaws:
            del said[name]
    if said:
        made["inputs"] = said
    return read_rule_row(planted(made), "rules", found)


def _by_hand(home: Home, automations: list[Piece]) -> frozenset[Identity]:
    ours = {part.id for part in automations}
    return frozenset(
        identity
        for identity, slot in home.watching.supervisor.slots.items()
        if identity.kind not in OWN and slot.listeners and id_of(identity) not in ours
    )
