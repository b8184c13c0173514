"""Between what Home Assistant keeps of receivers and devices and the rows of a home file.

What is secret stays where it is: a row has no place for it, and a receiver that is known again by its
name keeps it.
"""

from collections.abc import Collection, Iterable, Mapping
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_LOCATION, CONF_NAME

from .const import (
    CONF_FIELDS,
    CONF_HEARTBEAT,
    CONF_NUMBER,
    CONF_ORDER,
    CONF_REACHED_BY,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    CONF_SOURCE_TYPE,
    SourceType,
)
from .home_file.keys import as_json, keys_of
from .home_file.rows import DeviceRow, LockRow, ReceiverRow
from .receiver_flaws import NO_CREDENTIALS
from .receivers import Flaw, ReceiverSettingsError, host_of, read_settings
from .supervision.settings import Json

#: What is kept with every receiver and device, also where it is as by default.
_ALWAYS: Final = frozenset({CONF_ORDER, CONF_HEARTBEAT, CONF_REACHED_BY, CONF_RESIDENT})
#: Of a device's row: not kept under the same name.
_ELSEWHERE: Final = frozenset({"lock", "source", "fields"})
_NAME_MOST: Final = 40


def stored_receiver(row: ReceiverRow) -> dict[str, Any]:
    """Return what is kept of a receiver beside its credentials."""
    data = {name: as_json(getattr(row, name)) for name in keys_of(ReceiverRow)}
    return {k: v for k, v in data.items() if v is not None}


def receiver_json(data: Mapping[str, Any], name: str) -> dict[str, Json]:
    """Return a kept receiver as its row is written, without what is secret or is of no file."""
    made: dict[str, Json] = {CONF_NAME: name}
    for key in keys_of(ReceiverRow):
        if key in data and key != CONF_NAME and data[key] not in (None, ""):
            value = data[key]
            made[key] = int(value) if isinstance(value, float) and value.is_integer() else value
    return made


def receiver_names(receivers: Iterable[ConfigSubentry]) -> dict[str, str]:
    """Return each receiver's name in a file by its subentry: its own, else one made of its address."""
    names: dict[str, str] = {}
    receivers = list(receivers)
    for receiver in receivers:
        if isinstance(name := receiver.data.get(CONF_NAME), str):
            names[receiver.subentry_id] = name
    for receiver in receivers:
        if receiver.subentry_id not in names:
            url = str(receiver.data.get("url", ""))
            names[receiver.subentry_id] = _free(host_of(url), set(names.values()))
    return names


def _free(text: str, taken: Collection[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[: _NAME_MOST - 4] or "receiver"
    at = 1
    while (name := plain if at == 1 else f"{plain}_{at}") in taken:
        at += 1
    return name


def receiver_flaws(row: ReceiverRow, *, demo: bool, controller: str) -> list[Flaw]:
    """Return what the receiver itself would refuse of its settings. Blocking: keys are parsed.

    Credentials are none of them: they are typed in Home Assistant, and it asks for them.
    """
    try:
        read_settings(stored_receiver(row), demo=demo, controller=controller)
    except ReceiverSettingsError as err:
        return [flaw for flaw in err.flaws if flaw.problem != NO_CREDENTIALS]
    return []


def stored_device(row: DeviceRow, kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what is kept of a device. It keeps its source; without one it is to be paired."""
    data: dict[str, Any] = {
        name: as_json(getattr(row, name))
        for name in keys_of(DeviceRow)
        if name not in _ELSEWHERE and (name in _ALWAYS or getattr(row, name) not in (None, False))
    }
    if row.lock is not None:
        data |= {name: getattr(row.lock, name) for name in keys_of(LockRow)}
    source = None if row.source is None else as_json(row.source)
    fields = {
        str(one.field): {k: v for k, v in _names(as_json(one)).items() if k != "field"}
        for one in row.fields
    }
    if kept is not None and is_paired(kept):
        source, fields = kept[CONF_SOURCE], kept.get(CONF_FIELDS, {})
    data[CONF_SOURCE] = source or {CONF_SOURCE_TYPE: SourceType.TO_PAIR.value}
    return data | ({CONF_FIELDS: fields} if fields else {})


def is_paired(data: Mapping[str, Any]) -> bool:
    """Tell whether a device has a source."""
    source = data.get(CONF_SOURCE)
    return isinstance(source, Mapping) and source.get(CONF_SOURCE_TYPE) != SourceType.TO_PAIR


def device_json(data: Mapping[str, Any]) -> dict[str, Json]:
    """Return a kept device as its row is written."""
    made: dict[str, Json] = {CONF_NUMBER: data.get(CONF_NUMBER), CONF_ROLE: data.get(CONF_ROLE)}
    made[CONF_LOCATION] = data.get(CONF_LOCATION)
    for name in keys_of(DeviceRow):
        if name not in (*made, *_ELSEWHERE) and data.get(name) is not None:
            made[name] = data[name]
    lock: dict[str, Json] = {n: data[n] for n in keys_of(LockRow) if data.get(n) is not None}
    if lock:
        made["lock"] = {
            k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in lock.items()
        }
    if is_paired(data):
        made[CONF_SOURCE] = dict(data[CONF_SOURCE])
        if fields := data.get(CONF_FIELDS):
            made[CONF_FIELDS] = [{"field": f, **source} for f, source in fields.items()]
    return made


def _names(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
