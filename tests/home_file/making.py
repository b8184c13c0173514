"""Home files made at random, and one that has everything."""

from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import strategies as st

from custom_components.kvarbo.alarm.kinds import Location, Owner, Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.const import Protocol
from custom_components.kvarbo.home_file.blueprints import BLUEPRINTS, OF_HOME
from custom_components.kvarbo.home_file.keys import Span
from custom_components.kvarbo.home_file.rows import (
    ConsentRow,
    DeviceRow,
    HomeFile,
    HomeRow,
    InputsRow,
    LockRow,
    PairedBy,
    PauseRow,
    ReceiverRow,
    RuleRow,
    SoundRow,
    SourceRow,
    WayRow,
)
from custom_components.kvarbo.rule import Rule
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.consent import TakenBy
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.settings import (
    Setting,
    default_of,
    read_settings,
    setting_fields,
)
from custom_components.kvarbo.supervision.slot import RuleOptions
from custom_components.kvarbo.transmission.outlet import Road, Takes
from custom_components.kvarbo.transmission.tunnel import Enforcement

#: A home with something in every section, as a person would write it.
FULL: Final = """\
kvarbo_home: 1
home:
  controller: "04711"
  label: Flat 12
  review: 2027-05-01
  next_number: 12
dwelling:
  residents: 1
  pet: false
  robot_vacuum: true
  visits: true
  night_from: "21:30"
  night_to: "06:30"
way_out:
  way: interface
  interface: wg0
  nameservers: [10.0.0.53]
  second: wwan0
receivers:
  - name: alarm_centre
    protocol: rest
    url: https://alarm.example/v1
    order: 1
    takes: alarms
    language: sv
    heartbeat: 300
    reached_by: home
  - name: operations
    protocol: mqtt
    url: mqtts://broker.example:8883
    username: hub-4711
    takes: operations
    order: 2
devices:
  - number: 1
    role: help_button
    location: bathroom
    resident: 1
  - number: 4
    role: motion
    location: hallway
    source:
      type: entity
      domain: binary_sensor
      platform: zha
      unique_id: 00:11:22:33:44:55:66:77-1-1030
  - number: 7
    role: entry_lock
    location: front_door
    lock:
      relock_minutes: 10
      visits: 08:00-08:30
  - number: 8
    role: bed
    location: bedroom
    resident: 1
    active_above: 12.5
    inverted: true
consents:
  - function: night_absence
    resident: 1
    basis: own
    taken_by: case_officer
    given: 2026-11-01T10:00:00+01:00
    until: 2027-11-01T10:00:00+01:00
pauses:
  - resident: 1
    until: 2027-01-01T12:00:00+01:00
rules:
  - rule: night_absence
    resident: 1
    owner: night_patrol
    suitable: true
    priority: 6
    settings:
      limit: 00:25:00
      begin: "22:30"
      weekdays: [mon, sun]
    inputs:
      warning_lights: [light.hall]
      warning_pause: 00:01:30
      warning_sound:
        media_content_id: media-source://sound
        media_content_type: audio/mpeg
  - rule: water
    resident: 0
    owner: home_care
    suitable: true
    shadow: true
"""

_NAMES: Final = st.from_regex(r"\A[a-z0-9_]{1,20}\Z")
_PRINTABLE: Final = st.text(
    st.characters(
        min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Zs", "Cf", "Cn"]
    ),
    min_size=1,
    max_size=20,
)
_MOMENTS: Final = st.datetimes(
    min_value=datetime(2001, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=0))


def _of(setting: Setting, default: Any) -> st.SearchStrategy[Any]:
    if setting.unit == "flag":
        return st.booleans()
    if setting.unit == "weekdays":
        return st.sets(st.integers(0, 6)).map(sorted)
    if setting.unit == "clocks":
        return st.sets(st.integers(0, 86399), max_size=24).map(sorted)
    values: st.SearchStrategy[Any] = st.integers(int(setting.least or 0), int(setting.most or 0))
    if setting.unit == "duration":
        values |= st.floats(setting.least or 0, setting.most or 0, allow_nan=False)
    return values | st.none() if setting.optional else values


def settings_of(kind: type[Any], keep: frozenset[str] = frozenset()) -> st.SearchStrategy[Any]:
    """Return settings of a kind within their bounds; those in `keep` are as they come."""
    known = {n: s for n, s in setting_fields(kind).items() if n not in keep}
    each = {n: _of(s, default_of(kind, n)) for n, s in known.items()}
    return st.fixed_dictionaries({}, optional=each).map(lambda raw: read_settings(kind, raw))


@st.composite
def rules(draw: st.DrawFn) -> RuleRow:
    kind = draw(st.sampled_from(sorted(BLUEPRINTS)))
    blueprint = BLUEPRINTS[kind]
    settings = draw(settings_of(KINDS[kind].settings_type, blueprint.leaves_out))
    plain = "priority" in blueprint.leaves_out
    options = RuleOptions(
        draw(st.sampled_from(Owner)),
        suitable=True,
        priority=None if plain else draw(st.none() | st.integers(0, 9)),
        shadow=False if plain else draw(st.booleans()),
    )
    resident = 0 if kind in OF_HOME else draw(st.integers(0, 9))
    identity = Identity(kind, resident, draw(st.just("") | _NAMES))
    lights = st.lists(_NAMES.map(lambda n: f"light.{n}"), min_size=1, max_size=3, unique=True)
    possible: dict[str, st.SearchStrategy[Any]] = {
        "warning_lights": lights.map(tuple),
        "warning_brightness": st.integers(1, 100),
        "warning_message": _PRINTABLE,
        "warning_pause": st.integers(0, 3600).map(Span),
        "warning_repeats": st.integers(0, 3),
        "warning_sound": st.builds(
            SoundRow, media_content_id=_PRINTABLE, media_content_type=_PRINTABLE
        ),
        "path_rise": st.integers(0, 60),
    }
    fitting = {n: s for n, s in possible.items() if n in blueprint.inputs}
    inputs = draw(st.fixed_dictionaries({}, optional=fitting))
    if "path_lights" in blueprint.inputs:
        inputs["path_lights"] = tuple(draw(lights))
    return RuleRow(Rule(identity, settings, options), InputsRow(**inputs))


_SOURCES: Final = st.one_of(
    st.builds(SourceRow, type=st.just(PairedBy.ZHA_EVENT), ieee=_NAMES),
    st.builds(
        SourceRow,
        type=st.just(PairedBy.ENTITY),
        domain=_NAMES,
        platform=_NAMES,
        unique_id=_PRINTABLE,
    ),
)
_LOCKS: Final = st.builds(
    LockRow, relock_minutes=st.integers(1, 60), by_code=st.booleans(), visits=st.just("08:00-09:00")
)


@st.composite
def devices(draw: st.DrawFn) -> DeviceRow:
    role = draw(st.sampled_from([r for r in Role if r not in (Role.HUB, Role.RULE)]))
    return DeviceRow(
        number=draw(st.integers(1, 9999)),
        role=role,
        location=draw(st.sampled_from(Location)),
        resident=draw(st.integers(0, 9)),
        inverted=draw(st.booleans()),
        active_above=draw(st.none() | st.floats(-1000, 1000).map(lambda v: round(v, 2))),
        lock=draw(st.none() | _LOCKS) if role is Role.ENTRY_LOCK else None,
        source=draw(st.none() | _SOURCES),
    )


_RECEIVERS: Final = st.builds(
    ReceiverRow,
    name=_NAMES,
    protocol=st.sampled_from(Protocol),
    url=_PRINTABLE,
    order=st.integers(1, 9),
    takes=st.sampled_from(Takes),
    language=st.sampled_from(Language),
    heartbeat=st.integers(60, 86400),
    reached_by=st.sampled_from(Road),
    ca_certificate=st.none() | st.just("-----BEGIN CERTIFICATE-----\nabc\n-----END-----\n"),
    profile=st.none() | _PRINTABLE,
)
_CONSENTS: Final = st.builds(
    ConsentRow,
    function=st.sampled_from(WatcherKind),
    resident=st.integers(1, 9),
    basis=_NAMES,
    taken_by=st.sampled_from(TakenBy),
    given=_MOMENTS,
    until=st.none() | _MOMENTS,
)
_WAYS: Final = st.one_of(
    st.builds(
        WayRow,
        way=st.just(Enforcement.INTERFACE),
        interface=st.just("wg0"),
        nameservers=st.none() | st.just(("10.0.0.53",)),
        second=st.none() | st.just("wwan0"),
    ),
    st.builds(WayRow, way=st.sampled_from([Enforcement.ROUTER, Enforcement.PRIVATE])),
)


def _rows(each: st.SearchStrategy[Any], by: Any, most: int = 5) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(each, max_size=most, unique_by=by).map(tuple)


@st.composite
def home_files(draw: st.DrawFn) -> HomeFile:
    """Make a home file that can be used."""
    home = draw(
        st.builds(
            HomeRow,
            controller=st.from_regex(r"\A[0-9]{1,16}\Z"),
            label=st.sampled_from(["Flat 12", "no", "1e3", "å: #", "0x1f", "'", "2027-05-01", "~"]),
            review=st.none() | st.dates(),
            next_number=st.integers(1, 9999),
        )
    )
    made = draw(_rows(devices(), lambda row: row.number))
    if made:
        # Two devices on one source would call twice.
        sources: set[str] = set()
        made = tuple(
            row
            for row in made
            if row.source is None
            or (repr(row.source) not in sources and not sources.add(repr(row.source)))  # type: ignore[func-returns-value]
        )
    dwellings = settings_of(Dwelling).filter(lambda d: not d.is_always_night)
    return HomeFile(
        home=home,
        dwelling=draw(st.none() | dwellings),
        way_out=draw(st.none() | _WAYS),
        receivers=draw(_rows(_RECEIVERS, lambda row: row.name)),
        devices=made,
        consents=draw(_rows(_CONSENTS, lambda row: (row.function, row.resident))),
        pauses=draw(
            _rows(
                st.builds(PauseRow, resident=st.integers(0, 9), until=_MOMENTS),
                lambda r: r.resident,
            )
        ),
        rules=draw(_rows(rules(), lambda row: row.identity)),
    )
