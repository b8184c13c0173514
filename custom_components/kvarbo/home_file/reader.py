"""From the text of a home file to its values, or to all that is wrong with it, by line and field.

Rules are read by the code that reads a trigger's options, who lives in the home and how alarms go
out by the code that reads their forms: a file is refused for the same reasons as they are.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from ..access.settings import read_visits
from ..alarm.kinds import Role
from ..const import SourceType
from ..home_names import label_problem
from ..rule import read_rule
from ..supervision.catalogue import KINDS
from ..supervision.house import Dwelling
from ..supervision.identity import WatcherKind
from ..supervision.settings import (
    SettingFlaw,
    SettingsError,
    default_of,
    read_settings,
    setting_fields,
)
from ..transmission.tunnel import Enforcement
from ..way_out import BadWayError, read_way_out
from .blueprints import BLUEPRINTS, OF_HOME, OWN
from .keys import Findings, RowClass, keys_of, read_row, write_row
from .rows import (
    LISTS,
    VERSION,
    DeviceRow,
    HomeFile,
    HomeRow,
    InputsRow,
    RuleRow,
    SourceRow,
    WayRow,
)
from .tree import Branch, HomeFileError, Items, Leaf, Node, plain, read_tree

#: The first key: what the file is, and by which version of this format.
KIND_KEY: Final = "kvarbo_home"
SECTIONS: Final = (
    *("home", "dwelling", "way_out", "receivers", "devices", "consents", "pauses", "rules"),
)
#: Rows of a list, at most: more than any home has.
MOST_ROWS: Final = 300

#: A rule's own keys; `settings` and `inputs` are names with values.
RULE_KEYS: Final = (
    *("rule", "resident", "name", "owner", "suitable", "priority", "shadow", "settings", "inputs"),
)
_NEEDED_OF_SOURCE: Final = {
    SourceType.ENTITY: ("domain", "platform", "unique_id"),
    SourceType.ZHA_EVENT: ("ieee",),
    SourceType.DISPENSER: ("address",),
}


def read_home_file(text: str) -> HomeFile:
    """Return what a home file says.

    Raises:
        HomeFileError: it names every flaw with its line, its field and the problem's key.
    """
    return read_home_tree(read_tree(text))


def read_home_tree(root: Branch) -> HomeFile:
    """Return what the tree of a home file says; raises as `read_home_file`."""
    found = Findings()
    _see_version(root, found)
    found.unknown(root, "", frozenset({KIND_KEY, *SECTIONS}))
    values: dict[str, Any] = {}
    for section, read in _READERS.items():
        node = root.under.get(section)
        # A section without anything under it says that there is none of it; of `home` that is a flaw.
        if section not in root.under:
            if section == "home":
                found.add(root.line, section, "missing")
            continue
        values[section] = read(node, section, found) if node is not None else None
    for section, (row, known_by) in LISTS.items():
        if section in root.under:
            values[section] = _rows(row, known_by, root.under[section], section, found)
    if found.flaws:
        raise HomeFileError(found.flaws)
    return HomeFile(**values)


def _see_version(root: Branch, found: Findings) -> None:
    version = root.under.get(KIND_KEY)
    if version is None:
        found.add(root.line, KIND_KEY, "missing")
    elif not isinstance(version, Leaf) or version.value is True or version.value != VERSION:
        found.add(root.lines[KIND_KEY], KIND_KEY, "unknown_version")


def _home(node: Node, path: str, found: Findings) -> HomeRow | None:
    row = read_row(HomeRow, node, path, found)
    if row is not None and (problem := label_problem(row.label)) is not None:
        found.add(_line(node, "label"), f"{path}.label", problem)
    return row


def _dwelling(node: Node, path: str, found: Findings) -> Dwelling | None:
    branch = found.branch(node, path)
    if branch is None:
        return None
    try:
        dwelling = read_settings(Dwelling, plain(branch))
    except SettingsError as err:
        _of_settings(err.flaws, branch, path, found)
        return None
    if dwelling.is_always_night:
        found.add(_line(branch, "night_to"), f"{path}.night_to", "night_is_day")
    return dwelling


def _way_out(node: Node, path: str, found: Findings) -> WayRow | None:
    row = read_row(WayRow, node, path, found)
    if row is None:
        return None
    try:
        # Whether the interfaces are there is for the hub to say.
        read_way_out(as_typed(row), tuple(filter(None, (row.interface, row.second))))
    except BadWayError as err:
        field = err.problem.split("_")[0]
        found.add(_line(node, field), f"{path}.{field}", err.problem)
    if row.way is not Enforcement.INTERFACE:
        for field in ("interface", "nameservers"):
            if getattr(row, field) is not None:
                found.add(_line(node, field), f"{path}.{field}", "not_of_this_way")
    return row


def as_typed(row: WayRow) -> dict[str, Any]:
    """Return a way as its form has it."""
    servers = ", ".join(row.nameservers or ())
    return {
        "way": row.way,
        "interface": row.interface,
        "nameservers": servers,
        "second": row.second,
    }


def _rows(
    row: type[RowClass], known_by: tuple[str, ...], node: Node, path: str, found: Findings
) -> tuple[Any, ...]:
    read: list[Any] = []
    devices: list[tuple[str, Node, DeviceRow]] = []
    seen: set[tuple[object, ...]] = set()
    for at, item in enumerate(_items(node, path, found), 1):
        place = f"{path}[{at}]"
        one = read_row(row, item, place, found)
        if one is None:
            continue
        known = tuple(getattr(one, name) for name in known_by)
        if known in seen:
            found.add(_line(item, known_by[-1]), f"{place}.{known_by[-1]}", "twice")
        seen.add(known)
        if isinstance(one, DeviceRow):
            _see_device(one, item, place, found)
            devices.append((place, item, one))
        read.append(one)
    _see_sources(devices, found)
    return tuple(read)


def _items(node: Node, path: str, found: Findings) -> list[Node]:
    items = found.items(node, path) or []
    if len(items) > MOST_ROWS:
        found.add(items[MOST_ROWS].line, path, "too_many")
        return items[:MOST_ROWS]
    return items


def _see_device(row: DeviceRow, node: Node, path: str, found: Findings) -> None:
    if row.location is None and row.role is not Role.HELP_BUTTON:
        found.add(node.line, f"{path}.location", "missing")
    if row.lock is not None:
        if row.role is not Role.ENTRY_LOCK:
            found.add(_line(node, "lock"), f"{path}.lock", "not_of_this_role")
        try:
            read_visits(row.lock.visits)
        except ValueError:
            line = _line(_under(node, "lock"), "visits")
            found.add(line, f"{path}.lock.visits", "not_visits")
    if row.fields and row.role is not Role.DISPENSER:
        found.add(_line(node, "fields"), f"{path}.fields", "not_of_this_role")
    if row.source is not None:
        _see_source(row.source, _under(node, "source"), f"{path}.source", found)
    fields = _under(node, "fields")
    for at, one in enumerate(row.fields, 1):
        below = fields.items[at - 1] if isinstance(fields, Items) else fields
        _see_source(one, below, f"{path}.fields[{at}]", found)


def _see_source(row: SourceRow, node: Node, path: str, found: Findings) -> None:
    needed = _NEEDED_OF_SOURCE[SourceType(row.type)]
    for name in keys_of(SourceRow):
        if name in needed and getattr(row, name) is None:
            found.add(node.line, f"{path}.{name}", "missing")
        elif name not in (*needed, "type") and getattr(row, name) is not None:
            found.add(_line(node, name), f"{path}.{name}", "not_of_this_type")


def _see_sources(rows: Iterable[tuple[str, Node, DeviceRow]], found: Findings) -> None:
    """Two devices on one source would call twice."""
    seen: set[tuple[object, ...]] = set()
    for place, item, row in rows:
        if row.source is None:
            continue
        names = tuple(sorted((k, str(v)) for k, v in write_row(row.source).items()))
        if names in seen:
            found.add(_line(item, "source"), f"{place}.source", "twice")
        seen.add(names)


# -- rules ---------------------------------------------------------------------------------------


def _rules(node: Node, path: str, found: Findings) -> tuple[RuleRow, ...]:
    read: list[RuleRow] = []
    seen: set[object] = set()
    for at, item in enumerate(_items(node, path, found), 1):
        place = f"{path}[{at}]"
        row = read_rule_row(item, place, found)
        if row is None:
            continue
        if row.identity in seen:
            found.add(_line(item, "rule"), f"{place}.rule", "twice")
        seen.add(row.identity)
        read.append(row)
    return tuple(read)


def read_rule_row(node: Node, path: str, found: Findings) -> RuleRow | None:
    """Return one rule; None after noting each flaw by its line and path."""
    branch = found.branch(node, path)
    if branch is None:
        return None
    before = len(found.flaws)
    found.unknown(branch, path, frozenset(RULE_KEYS))
    settings = branch.under.get("settings", Leaf(None, branch.line))
    if not isinstance(settings, Branch) and plain(settings) is not None:
        found.add(settings.line, f"{path}.settings", "not_a_mapping")
        return None
    given = {k: plain(v) for k, v in branch.under.items() if k in RULE_KEYS and k != "inputs"}
    try:
        rule = read_rule(given)
    except SettingsError as err:
        _of_rule(err.flaws, branch, path, found)
        return None
    inputs = InputsRow()
    if not _is_none(branch.under.get("inputs")):
        inputs = read_row(InputsRow, branch.under["inputs"], f"{path}.inputs", found) or inputs
    row = RuleRow(rule, inputs)
    _see_blueprint(row, branch, path, found)
    return None if len(found.flaws) > before else row


def _see_blueprint(row: RuleRow, branch: Branch, path: str, found: Findings) -> None:
    """Note what the rule's blueprint could not be told."""
    kind = row.identity.kind
    if kind in OWN:
        found.add(_line(branch, "rule"), f"{path}.rule", "own_rule")
        return
    if kind in OF_HOME and row.identity.resident:
        found.add(_line(branch, "resident"), f"{path}.resident", "of_the_home")
    blueprint, settings = BLUEPRINTS[kind], row.rule.settings
    for name in sorted(blueprint.leaves_out):
        if name in setting_fields(type(settings)):
            usual = getattr(settings, name) == default_of(type(settings), name)
            place, holder = f"{path}.settings.{name}", _under(branch, "settings")
        else:
            usual = not getattr(row.rule.options, name)
            place, holder = f"{path}.{name}", branch
        if not usual:
            found.add(_line(holder, name), place, "not_in_blueprint")
    for name in write_row(row.inputs):
        if name not in blueprint.inputs:
            line = _line(_under(branch, "inputs"), name)
            found.add(line, f"{path}.inputs.{name}", "not_in_blueprint")
    if "path_lights" in blueprint.inputs and not row.inputs.path_lights:
        found.add(branch.line, f"{path}.inputs.path_lights", "missing")


def _of_rule(flaws: Iterable[SettingFlaw], branch: Branch, path: str, found: Findings) -> None:
    settings = _under(branch, "settings")
    kind = plain(branch.under["rule"]) if "rule" in branch.under else None
    is_known = kind in list(WatcherKind)
    known = setting_fields(KINDS[WatcherKind(str(kind))].settings_type) if is_known else {}
    for flaw in flaws:
        stands = isinstance(settings, Branch) and flaw.field in _short(settings)
        if flaw.field in RULE_KEYS and flaw.field not in known:
            found.add(_line(branch, flaw.field), f"{path}.{flaw.field}", flaw.problem)
        elif stands or flaw.field in known:
            found.add(_line(settings, flaw.field), f"{path}.settings.{flaw.field}", flaw.problem)
        else:
            found.add(_line(branch, flaw.field), f"{path}.{flaw.field}", flaw.problem)


def _of_settings(flaws: Iterable[SettingFlaw], branch: Branch, path: str, found: Findings) -> None:
    for flaw in flaws:
        found.add(_line(branch, flaw.field), f"{path}.{flaw.field}", flaw.problem)


# -- lines ---------------------------------------------------------------------------------------


def _line(node: Node, name: str) -> int:
    """Return the line of a name below a node; that of the node where it is not there."""
    return _short(node).get(name, node.line) if isinstance(node, Branch) else node.line


def line_at(text: str, path: str) -> int:
    """Return the line of a path such as `receivers[2].url` in a text that has been read."""
    node: Node = read_tree(text)
    line = node.line
    for part in path.split("."):
        name, _, at = part.partition("[")
        line = _line(node, name)
        node = _under(node, name)
        if at and isinstance(node, Items):
            node = node.items[int(at.rstrip("]")) - 1]
            line = node.line
    return line


def _short(branch: Branch) -> dict[str, int]:
    """Return names as flaws have them: the first forty characters."""
    return {name[:40]: line for name, line in branch.lines.items()}


def _under(node: Node, name: str) -> Node:
    found = node.under.get(name) if isinstance(node, Branch) else None
    return node if found is None else found


def _is_none(node: Node | None) -> bool:
    return node is None or (isinstance(node, Leaf) and node.value is None)


_READERS: Final[dict[str, Callable[[Node, str, Findings], Any]]] = {
    "home": _home,
    "dwelling": _dwelling,
    "way_out": _way_out,
    "rules": _rules,
}
