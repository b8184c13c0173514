"""Kvarbo: a care-alarm gateway for a home (bo kvar, to stay living at home)."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .actions import async_setup_actions
from .blueprint_offer import async_offer_blueprints
from .commands import async_setup_commands
from .const import CONF_REVIEW, DOMAIN
from .figures_actions import async_setup_figures
from .health import read_health
from .home import Home, KvarboConfigEntry
from .home_commands import async_setup_home_commands
from .home_file_apply import async_carry_on
from .installation_actions import async_setup_installation
from .issues import Issues
from .panel import async_show_panel
from .papers import Papers
from .platforms import PLATFORMS
from .replay_action import async_setup_replay
from .settings_actions import async_setup_settings_actions
from .standing import read_standing
from .supervision_actions import async_setup_supervision_actions

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, which exist whether or not the home is loaded."""
    async_setup_actions(hass)
    async_setup_supervision_actions(hass)
    async_setup_replay(hass)
    async_setup_commands(hass)
    async_setup_installation(hass)
    async_setup_figures(hass)
    async_setup_settings_actions(hass)
    async_setup_home_commands(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: KvarboConfigEntry) -> bool:
    """Start the home. Never fails for a receiver's or a disk's sake: that would silence the home."""
    home = Home(hass, entry)
    # Also when Home Assistant fails further on: nobody could stop it then.
    entry.async_on_unload(home.stop)
    entry.runtime_data = home
    home.chain.transmitter.signs.health = lambda: read_health(home)
    home.installation.review = lambda: _review_at(entry)
    home.figures.standing = lambda: read_standing(home)
    issues = Issues(home)
    await home.start()
    issues.start()
    entry.async_on_unload(issues.stop)
    papers = Papers(home)
    papers.start()
    entry.async_on_unload(papers.stop)
    entry.async_on_unload(entry.add_update_listener(_async_settings_changed))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await async_carry_on(home)
    entry.async_on_unload(await async_show_panel(hass))
    # Only then is it known whether there are automations to offer them to.
    entry.async_on_unload(async_at_started(hass, _async_started))
    return True


async def _async_started(hass: HomeAssistant) -> None:
    """Offer what automations are made of."""
    await async_offer_blueprints(hass)


async def async_unload_entry(hass: HomeAssistant, entry: KvarboConfigEntry) -> bool:
    """Take the entities away; then Home Assistant stops what the set-up has left to stop."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def _async_settings_changed(hass: HomeAssistant, entry: KvarboConfigEntry) -> None:
    """Take over what came, went or changed; the one listener that diffs, never a reload."""
    await entry.runtime_data.apply()


def _review_at(entry: KvarboConfigEntry) -> float | None:
    """Return when the home is gone through again, as a coordinator has set it; None where nobody has (R43)."""
    day = dt_util.parse_date(str(entry.data.get(CONF_REVIEW) or ""))
    return None if day is None else dt_util.start_of_local_day(day).timestamp()
