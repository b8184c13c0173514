"""What ZHA does not say of a Zigbee lock, and does not ask it, through one guarded place.

ZHA shows "not fully locked" as unlocked, and takes a lock's *no* to a change of its codes for a yes. Neither is
promised to us: what is not as expected here is read as not known, or as not done. A canary in
tests/home/test_entrances.py holds it against the real ZHA.
"""

import asyncio
import logging
import sys
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback

from .zigbee import is_zigbee_up, zha_device

_LOGGER = logging.getLogger(__name__)

_DOOR_LOCK: Final = 0x0101
#: States and answers of ZCL 7.3.
_NOT_FULLY: Final = 0x00
_ENABLED, _DISABLED, _UNRESTRICTED, _SUCCESS = 0x01, 0x03, 0x00, 0x00
#: A lock that sleeps is given so long to answer, seconds.
_ANSWERS_IN: Final = 15.0

#: What ZHA tells of a lock that was operated, and the words in it that matter here.
OPERATED: Final = "operation_event_notification"
BY_RADIO, BY_KEYPAD, UNLOCKED = "RF", "Keypad", "Unlock"


@callback
def is_not_fully_locked(hass: HomeAssistant, ieee: str) -> bool:
    """Tell whether the lock has said that its bolt is neither in nor out."""
    cluster = _cluster(hass, ieee)
    try:
        return cluster is not None and cluster.get("lock_state") == _NOT_FULLY
    except (AttributeError, LookupError, TypeError, ValueError) as err:
        _LOGGER.debug("A lock's state could not be read: %s", type(err).__name__)
        return False


@callback
def is_zigbee_lock(hass: HomeAssistant, ieee: str) -> bool:
    """Tell whether this is a lock of ZHA's, so that it can be asked to take codes."""
    return _cluster(hass, ieee) is not None


async def set_code(hass: HomeAssistant, ieee: str, slot: int, digits: str) -> bool:
    """Give a lock the code of a slot, not working yet; tell whether it has said yes. It is kept nowhere else."""
    return await _ask(hass, ieee, "set_pin_code", slot - 1, _DISABLED, _UNRESTRICTED, digits)


async def let_code_work(hass: HomeAssistant, ieee: str, slot: int, *, is_open: bool) -> bool:
    """Let the code of a slot work, or no longer; tell whether the lock has said yes."""
    return await _ask(hass, ieee, "set_user_status", slot - 1, _ENABLED if is_open else _DISABLED)


async def _ask(hass: HomeAssistant, ieee: str, command: str, *args: object) -> bool:
    cluster = _cluster(hass, ieee)
    if cluster is None:
        return False
    # It is loaded by now; what the radio could not do is of this class.
    radio_error: type[Exception] = sys.modules["zigpy.exceptions"].ZigbeeException
    try:
        async with asyncio.timeout(_ANSWERS_IN):
            answer = await getattr(cluster, command)(*args)
        return int(answer[0]) == _SUCCESS
    except (TimeoutError, radio_error) as err:
        _LOGGER.warning("A lock does not answer: %s", type(err).__name__)
    except (AttributeError, LookupError, TypeError, ValueError) as err:
        # Never with its words: a code may stand in them.
        _LOGGER.warning("ZHA is not as expected at a lock: %s", type(err).__name__)
    return False


def _cluster(hass: HomeAssistant, ieee: str) -> Any:
    if not ieee or not is_zigbee_up(hass):
        return None
    try:
        device = zha_device(hass, ieee)
        if device is None:
            return None
        endpoints = (e for number, e in device.device.endpoints.items() if number)
        found = (e.in_clusters.get(_DOOR_LOCK) for e in endpoints)
        return next((cluster for cluster in found if cluster is not None), None)
    except (AttributeError, LookupError, TypeError, ValueError) as err:
        _LOGGER.warning("ZHA is not as expected at a lock: %s", type(err).__name__)
        return None
