"""A person at a dialog of Home Assistant: every page is read before it is answered.

Reading means: the page's words exist in English and Swedish, each field has a label and a help
text, each error stands on a field of the form, and each placeholder is filled in.
"""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import string
from typing import Any, Final, Self

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigSubentry,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.helpers.selector import SelectSelector

from custom_components.kvarbo.const import DOMAIN
from simulator.testing import until

COMPONENT: Final = Path(__file__).parents[2] / "custom_components" / "kvarbo"
TEXTS: Final[dict[str, dict[str, Any]]] = {
    language: json.loads((COMPONENT / "translations" / f"{language}.json").read_text("utf-8"))
    for language in ("en", "sv")
}

_LEFT_OVER: Final = ("{", "}")


class Talk:
    """One dialog. `page` is what it shows now."""

    def __init__(self, manager: Any, section: tuple[str, ...], page: Any) -> None:
        self.section = section
        self._manager = manager
        self.page: dict[str, Any] = page
        self._read()

    @classmethod
    async def about_home(cls, hass: HomeAssistant) -> Self:
        page = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        return cls(hass.config_entries.flow, ("config",), page)

    @classmethod
    async def change_home(cls, hass: HomeAssistant, entry: ConfigEntry[Any]) -> Self:
        page = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
        )
        return cls(hass.config_entries.flow, ("config",), page)

    @classmethod
    async def renew(cls, hass: HomeAssistant, entry: ConfigEntry[Any], subentry_id: str) -> Self:
        page = await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_REAUTH, "entry_id": entry.entry_id},
            data={**entry.data, "subentry_id": subentry_id},
        )
        return cls(hass.config_entries.flow, ("config",), page)

    @classmethod
    async def add(
        cls, hass: HomeAssistant, entry: ConfigEntry[Any], kind: str, protocol: str = "rest"
    ) -> Self:
        """Begin to add; of a receiver its protocol is chosen."""
        manager = hass.config_entries.subentries
        page = await manager.async_init((entry.entry_id, kind), context={"source": SOURCE_USER})
        talk = cls(manager, ("config_subentries", kind), page)
        return await talk.choose(protocol) if kind == "receiver" else talk

    @classmethod
    async def change(
        cls, hass: HomeAssistant, entry: ConfigEntry[Any], subentry: ConfigSubentry
    ) -> Self:
        manager = hass.config_entries.subentries
        page = await manager.async_init(
            (entry.entry_id, subentry.subentry_type),
            context={"source": SOURCE_RECONFIGURE, "subentry_id": subentry.subentry_id},
        )
        return cls(manager, ("config_subentries", subentry.subentry_type), page)

    def at(self, step: str) -> None:
        """Insist on being on this page, without an error."""
        assert self.page["type"] in (FlowResultType.FORM, FlowResultType.MENU), self.page
        assert (self.page["step_id"], self.page.get("errors") or {}) == (step, {})

    @property
    def errors(self) -> dict[str, str]:
        """The errors of a form."""
        assert self.page["type"] is FlowResultType.FORM, self.page
        return self.page["errors"] or {}

    @property
    def reason(self) -> str:
        """Why the dialog has ended without making anything."""
        assert self.page["type"] is FlowResultType.ABORT, self.page
        return str(self.page["reason"])

    @property
    def told(self) -> Mapping[str, str]:
        """What stands in the page's text in place of placeholders."""
        placeholders: Mapping[str, str] = self.page["description_placeholders"] or {}
        return placeholders

    def filled_in(self) -> dict[str, Any]:
        """What the form shows before anything is typed."""
        return _filled_in(self.page["data_schema"].schema)

    async def answer(self, **typed: Any) -> Self:
        """Submit a form; wait while the next page says that something is under way."""
        return await self._go(typed)

    async def choose(self, option: str) -> Self:
        """Choose from a menu."""
        return await self._go({"next_step_id": option})

    async def begin(self, **typed: Any) -> Self:
        """Submit a form whose answer is not waited for."""
        self.page = await self._manager.async_configure(self.page["flow_id"], typed)
        self._read()
        return self

    async def close(self) -> None:
        """Close the dialog with the cross in its corner."""
        self._manager.async_abort(self.page["flow_id"])

    async def _go(self, answer: dict[str, Any]) -> Self:
        flow_id = self.page["flow_id"]
        self.page = await self._manager.async_configure(flow_id, answer)
        self._read()
        return await self.settle()

    async def settle(self) -> Self:
        """Wait while a page says that something is under way, however many stages it has."""
        flow_id = self.page["flow_id"]
        while self.page["type"] in (
            FlowResultType.SHOW_PROGRESS,
            FlowResultType.SHOW_PROGRESS_DONE,
        ):
            flow = self._manager._progress[flow_id]
            task = flow.async_get_progress_task()
            await until(lambda t=task: t is None or t.done(), 25, "what is under way")  # type: ignore[misc]
            # As the browser does when it hears that the flow has moved.
            self.page = await self._manager.async_configure(flow_id)
            self._read()
        return self

    # -- reading -------------------------------------------------------------------------------

    def _read(self) -> None:
        if self.page["type"] is FlowResultType.CREATE_ENTRY:
            return
        for text in self._words():
            shown = text.format(**(self.page.get("description_placeholders") or {}))
            assert shown.strip()
            assert not any(mark in shown for mark in _LEFT_OVER), shown

    def _words(self) -> Iterator[str]:
        for language in TEXTS:
            match self.page["type"]:
                case FlowResultType.ABORT:
                    if self.page.get("translation_domain") is None:
                        yield self._text(language, "abort", self.page["reason"])
                case FlowResultType.SHOW_PROGRESS:
                    yield self._text(language, "progress", self.page["progress_action"])
                case FlowResultType.MENU:
                    yield from self._page_words(language)
                    for option in self.page["menu_options"]:
                        yield self._text(
                            language, "step", self.page["step_id"], "menu_options", option
                        )
                case _:
                    yield from self._page_words(language)
                    yield from self._form_words(language)

    def _page_words(self, language: str) -> Iterator[str]:
        page: dict[str, Any] = self._tree(language)["step"][self.page["step_id"]]
        yield page["title"]
        if "description" in page:
            yield page["description"]

    def _form_words(self, language: str) -> Iterator[str]:
        schema = self.page["data_schema"]
        fields = {} if schema is None else schema.schema
        here = ("step", self.page["step_id"])
        for field, selector in fields.items():
            if isinstance(selector, section):
                part = (*here, "sections", str(field))
                for kind in ("name", "description"):
                    yield self._text(language, *part, kind)
                for inner, choice in selector.schema.schema.items():
                    yield from self._field_words(language, part, str(inner), choice)
            else:
                yield from self._field_words(language, here, str(field), selector)
        for field, error in (self.page["errors"] or {}).items():
            assert field == "base" or field in fields, f"{field} stands on no form"
            yield self._text(language, "error", error)

    def _field_words(
        self, language: str, part: tuple[str, ...], field: str, selector: object
    ) -> Iterator[str]:
        for kind in ("data", "data_description"):
            yield self._text(language, *part, kind, field)
        # Names of the machine, as of interfaces, are no words of ours.
        if isinstance(selector, SelectSelector) and "translation_key" in selector.config:
            words = TEXTS[language]["selector"][selector.config["translation_key"]]
            for option in selector.config["options"]:
                yield words["options"][option]

    def _tree(self, language: str) -> dict[str, Any]:
        tree = TEXTS[language]
        for key in self.section:
            tree = tree[key]
        return tree

    def _text(self, language: str, *path: str) -> str:
        tree: Any = self._tree(language)
        for key in path:
            assert key in tree, f"{language}: {'.'.join((*self.section, *path))} has no text"
            tree = tree[key]
        return str(tree)


def _filled_in(fields: Mapping[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, selector in fields.items():
        if isinstance(selector, section):
            found[str(field)] = _filled_in(selector.schema.schema)
        elif (value := (field.description or {}).get("suggested_value")) is not None:
            found[str(field)] = value
    return found


def placeholders(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
