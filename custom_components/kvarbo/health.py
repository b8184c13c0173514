"""What operations may know of the hub's devices: how many there are and what ails them (R35, F10).

Counts alone, and nothing of what anybody does. They go to receivers for operations, with the heartbeat.
"""

from homeassistant.core import callback

from .alarm.kinds import AlarmKind
from .commissioning.items import State
from .const import CONF_SOURCE
from .devices.signs import find_device, read_signs
from .devices.vitals import LOW, Ailment
from .home import Home
from .transmission.receiver import Health


@callback
def read_health(home: Home) -> Health:
    """Return the state of the home's devices now."""
    devices = home.devices
    missing = sum(b.is_missing for b in devices.buttons.values())
    missing += sum(s.is_missing for s in devices.sensed.values())
    vitals = home.check.rounds.vitals.values()
    return Health(
        devices=len(devices.buttons) + len(devices.sensed) + len(devices.deaf),
        silent=len(
            {
                alarm.source.number
                for alarm in home.ledger.open_alarms()
                if alarm.kind is AlarmKind.DEVICE_SILENT and alarm.cleared_at is None
            }
        ),
        missing=missing + len(devices.deaf),
        low_batteries=_low_batteries(home),
        weak_links=sum(Ailment.WEAK in device.ailments for device in vitals),
        open_items=len(home.installation.blocks) if home.installation.state is State.OPEN else 0,
    )


def _low_batteries(home: Home) -> int:
    count = 0
    for subentry in home.device_subentries():
        where = find_device(home.hass, subentry.data.get(CONF_SOURCE, {}))
        signs = read_signs(home.hass, where, since=0.0, before=None)
        count += signs.low or (signs.battery is not None and signs.battery <= LOW)
    return count
