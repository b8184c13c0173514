"""The page in Home Assistant's sidebar that asks what a rule would have sent (S12).

The page is a web component in the folder `panel/`, served as it is. It asks by Home Assistant's own
websocket and by nothing else. A Home Assistant without its frontend gets no page and misses nothing.
"""

from collections.abc import Callable
from hashlib import blake2b
import logging
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import async_remove_panel
from homeassistant.components.http import StaticPathConfig  # type: ignore[attr-defined]
from homeassistant.components.panel_custom import async_register_panel
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

#: The page's address below Home Assistant's own, and the element's name.
ELEMENT: Final = "kvarbo-panel"
FOLDER: Final = Path(__file__).parent / "panel"
_LOGGER: Final = logging.getLogger(__name__)
_TITLE: Final = "Kvarbo"
_ICON: Final = "mdi:home-heart"
#: Where the page's files lie; they are served once and for all, since nothing can take that back.
_SERVED: Final[HassKey[str]] = HassKey(f"{DOMAIN}_panel")


async def async_show_panel(hass: HomeAssistant) -> Callable[[], None]:
    """Put the page into the sidebar; return what takes it away again.

    Without the frontend nothing happens. Nor does a page that cannot be shown stop the home: it is
    logged.
    """
    if "frontend" not in hass.config.components:
        return _nothing
    try:
        await _show(hass)
    except (OSError, ValueError) as err:
        _LOGGER.warning("The page cannot be shown: %s", err)
        return _nothing

    @callback
    def remove() -> None:
        async_remove_panel(hass, DOMAIN, warn_if_unknown=False)

    return remove


async def _show(hass: HomeAssistant) -> None:
    """Serve the page's files and name it in the sidebar.

    Raises:
        OSError: its files cannot be read.
        ValueError: another page has the address.
    """
    if (served := hass.data.get(_SERVED)) is None:
        # A new release has another address, so that no browser shows an old page.
        served = f"/{DOMAIN}_panel/{await hass.async_add_executor_job(_digest, FOLDER)}"
        paths = [StaticPathConfig(served, str(FOLDER), cache_headers=True)]
        await hass.http.async_register_static_paths(paths)
        hass.data[_SERVED] = served
    await async_register_panel(
        hass,
        DOMAIN,
        ELEMENT,
        sidebar_title=_TITLE,
        sidebar_icon=_ICON,
        module_url=f"{served}/panel.js",
        # Who may what on it is each command's own to say (`commands.py`).
        require_admin=False,
    )


@callback
def _nothing() -> None:
    """Take nothing away."""


def _digest(folder: Path) -> str:
    """Return a short digest of all files of a folder: names and contents."""
    found = blake2b(digest_size=8)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            found.update(path.read_bytes())
    return found.hexdigest()
