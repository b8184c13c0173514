"""What only the hub can say of a home file: whether it is this home's, and fits what the home has.

Everything is looked at before anything is touched, and every flaw is told by its line.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from .call_fields import LONGEST_STATE
from .const import CONF_DEMO, CONF_SIGNED_BY, CONF_WAY_OUT
from .home import Home
from .home_file.differ import outcome
from .home_file.keys import write_row
from .home_file.reader import as_typed, line_at, read_home_file
from .home_file.rows import HomeFile
from .home_file.signature import BadKeyError, check, parted
from .home_file.tree import FileFlaw, HomeFileError
from .home_file_present import Present
from .home_file_rows import receiver_flaws
from .supervision.consent import NOT_ESTABLISHED
from .transmission.tunnel import Road, tunnels_present
from .way_out import BadWayError, read_way_out, road_problem, tunnel_of

#: So much may a clock in the home and one at the municipality differ.
_SLACK: Final = timedelta(minutes=5)

type Flaws = Iterator[tuple[str, str]]


def read_for(home: Home, text: str, *, is_own: bool) -> HomeFile:
    """Return what a file says that this home may take. `is_own`: the home has kept it itself.

    Raises:
        HomeFileError: it cannot be read, or the home's settings ask for a signature that it lacks.
    """
    body = parted(text).text
    if (key := home.entry.data.get(CONF_SIGNED_BY)) and not is_own:
        try:
            body = check(text, str(key))
        except BadKeyError:
            # Kept by another release: what nobody can vouch for is refused.
            raise HomeFileError([FileFlaw(1, "signature", "no_key")]) from None
    return read_home_file(body)


def see_if_fits(home: Home, text: str, asked: HomeFile, now: Present) -> None:
    """Raise `HomeFileError` that tells all that does not fit this home, by line.

    Blocking: receivers parse keys, and interfaces are files.
    """
    found = [
        FileFlaw(line_at(text, path), path, problem)
        for look in (_whose, _way, _receivers, _devices, _consents, _rules)
        for path, problem in look(home, asked, now)
    ]
    if found:
        raise HomeFileError(found)


def _whose(home: Home, asked: HomeFile, _: Present) -> Flaws:
    if asked.home.controller != home.controller:
        yield "home.controller", "other_home"


def _way(home: Home, asked: HomeFile, _: Present) -> Flaws:
    if asked.way_out is None:
        return
    if home.entry.data[CONF_DEMO]:
        yield "way_out", "demo_has_no_way"
        return
    in_use = (
        tunnel_of(home.entry.data).interface,
        tunnel_of(home.entry.data, Road.SECOND).interface,
    )
    try:
        read_way_out(as_typed(asked.way_out), {*tunnels_present(), *filter(None, in_use)})
    except BadWayError as err:
        yield f"way_out.{err.problem.split('_')[0]}", err.problem


def _receivers(home: Home, asked: HomeFile, _: Present) -> Flaws:
    demo = bool(home.entry.data[CONF_DEMO])
    data: dict[str, Any] = {**home.entry.data}
    if asked.way_out is not None:
        data[CONF_WAY_OUT] = write_row(asked.way_out)
    seen: set[tuple[object, ...]] = set()
    for at, row in enumerate(asked.receivers or (), 1):
        path = f"receivers[{at}]"
        for flaw in receiver_flaws(row, demo=demo, controller=home.controller):
            yield f"{path}.{flaw.field}", flaw.problem
        if (problem := road_problem(data, row.reached_by)) is not None:
            yield f"{path}.reached_by", problem
        twin = (row.url, row.takes, row.reached_by)
        if twin in seen:
            yield f"{path}.url", "same_receiver"
        seen.add(twin)


def _devices(home: Home, asked: HomeFile, now: Present) -> Flaws:
    there = {row.number: row for row in now.file.devices or ()}
    merged = outcome(now.file, asked, home.clock.now()).devices or ()
    sources: set[tuple[object, ...]] = set()
    for at, row in enumerate(asked.devices or (), 1):
        kept = there.get(row.number)
        if kept is not None and kept.role is not row.role:
            # What was a help button never becomes something that calls for less.
            yield f"devices[{at}].role", "role_fixed"
        source = merged[at - 1].source
        if source is not None:
            names = tuple(sorted((k, str(v)) for k, v in write_row(source).items()))
            if names in sources:
                yield f"devices[{at}].source", "twice"
            sources.add(names)


def _consents(home: Home, asked: HomeFile, _: Present) -> Flaws:
    latest = home.clock.now()
    bases = {*home.watching.consents.bases, NOT_ESTABLISHED}
    for at, consent in enumerate(asked.consents or (), 1):
        if consent.basis not in bases:
            yield f"consents[{at}].basis", "unknown_basis"
        if consent.given > latest + _SLACK:
            yield f"consents[{at}].given", "not_yet"
    for at, pause in enumerate(asked.pauses or (), 1):
        if pause.until > latest + LONGEST_STATE + _SLACK:
            yield f"pauses[{at}].until", "too_long_a_pause"


def _rules(_: Home, asked: HomeFile, now: Present) -> Flaws:
    there = {row.identity: row for row in now.file.rules or ()}
    for at, row in enumerate(asked.rules or (), 1):
        same = there.get(row.identity)
        if row.identity not in now.by_hand or same is None:
            continue
        options = (row.rule.options, same.rule.options)
        if row.rule.settings != same.rule.settings or any(
            getattr(options[0], name) != getattr(options[1], name)
            for name in ("owner", "priority", "shadow")
        ):
            yield f"rules[{at}].rule", "by_hand"
