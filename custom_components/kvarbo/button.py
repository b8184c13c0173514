"""A button that sends a test of the whole chain."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import ACTION_TEST_ALARM, DOMAIN
from .entity import KvarboEntity
from .home import KvarboConfigEntry
from .role import may, role_of

PARALLEL_UPDATES = 0

TEST = ButtonEntityDescription(
    key="test", translation_key="test", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: KvarboConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the test button."""
    async_add_entities([TestButton(entry.runtime_data, TEST)])


class TestButton(KvarboEntity, ButtonEntity):
    """Sends a test alarm of the hub, marked so that no operator can mistake it (A9)."""

    __test__ = False

    @override
    async def async_press(self) -> None:
        """Send it, for those who may."""
        actor = await role_of(self.hass, self._context)
        if not may(actor, ACTION_TEST_ALARM):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_allowed")
        await self.home.test_hub(actor)
