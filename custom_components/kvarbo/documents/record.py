"""The installation record: what was set up, in full, with room for the hands that did it."""

from ..alarm.reason import location_text, role_text
from ..supervision.settings import setting_fields
from .facts import ConsentFacts, HomeFacts, RuleFacts, RuleState
from .paper import Audience, Blanks, Block, Document, DocumentName, Paragraph, Section, Table
from .reserve import rule_name, whose
from .spelling import day, moment, setting_values
from .words import Words, capital


def record_document(home: HomeFacts) -> Document:
    """Return the record of a home as it is set up now."""
    words = Words(home.language, "pages")
    return Document(
        DocumentName.RECORD,
        Audience.STAFF,
        words.say("record.title", controller=home.controller),
        words.say("record.lead"),
        (
            Section("address", words.say("record.address"), (_blanks(words, *_ADDRESS),)),
            Section("devices", words.say("record.devices"), (_devices(words, home),)),
            Section("rules", words.say("record.rules"), _rules(words, home)),
            Section("settings", words.say("record.settings"), (_settings(words, home),)),
            Section("receivers", words.say("record.receivers"), _receivers(words, home)),
            Section("sign", words.say("record.sign"), (_blanks(words, *_SIGNED),)),
        ),
    )


_ADDRESS = ("address_blank", "number", "address_key")
_SIGNED = (
    "sign_installer",
    "sign_operator",
    "sign_lamp",
    "sign_outage",
    "sign_reserve",
    "sign_resident",
    "sign_coordinator",
)


def _blanks(words: Words, *keys: str) -> Blanks:
    return Blanks(tuple(words.say(f"record.{key}") for key in keys))


def _head(words: Words, *keys: str) -> tuple[str, ...]:
    return tuple(words.say(f"record.{key}") for key in keys)


def _devices(words: Words, home: HomeFacts) -> Block:
    if not home.devices:
        return Paragraph(words.say("record.devices_none"))
    head = ("device_number", "device_what", "device_where", "device_whose", "device_tested")
    rows = tuple(
        (
            str(device.number),
            capital(role_text(device.role, home.language)),
            capital(location_text(device.room, home.language)),
            capital(whose(words, device.resident)),
            "",
        )
        for device in home.devices
    )
    return Table(_head(words, *head), rows)


def _rules(words: Words, home: HomeFacts) -> tuple[Block, ...]:
    if not home.rules:
        return (Paragraph(words.say("record.rules_none")),)
    head = ("rule_what", "rule_whose", "rule_owner", "rule_state", "rule_consent", "rule_review")
    rows = tuple(
        (
            rule_name(words, home, rule),
            capital(whose(words, rule.resident)),
            capital(words.say(f"owner_{rule.owner}")),
            capital(_state(words, rule)),
            capital(_consents(words, home, rule)),
            "" if rule.review_on is None else day(rule.review_on, words),
        )
        for rule in home.rules
    )
    return (
        Table(_head(words, *head), rows),
        Paragraph(words.say("record.review_note")),
        _blanks(words, "review_blank"),
    )


def _state(words: Words, rule: RuleFacts) -> str:
    if rule.state is not RuleState.LIVE:
        return words.say(f"record.state_{rule.state}")
    said = [words.say("record.state_shadow" if rule.is_shadow else "record.state_live")]
    if rule.paused_until is not None:
        said.append(words.say("record.state_paused", until=moment(rule.paused_until, words)))
    return "; ".join(said)


def _consents(words: Words, home: HomeFacts, rule: RuleFacts) -> str:
    if rule.is_technical:
        return words.say("record.consent_unneeded")
    if not rule.consents:
        return words.say("record.consent_none")
    if len(home.persons) == 1:
        return _consent(words, rule.consents[0])
    return "; ".join(
        words.say(
            "record.consent_of",
            whose=whose(words, consent.resident),
            consent=_consent(words, consent),
        )
        for consent in rule.consents
    )


def _consent(words: Words, consent: ConsentFacts) -> str:
    return words.say(
        "record.consent" if consent.until is None else "record.consent_until",
        given_on=day(consent.given_on, words),
        # A municipality may have grounds of its own: then the key is all that is known of it.
        basis=words.known("record.basis", consent.basis),
        taken_by=words.known("record.taken_by", consent.taken_by),
        until="" if consent.until is None else day(consent.until, words),
    )


def _settings(words: Words, home: HomeFacts) -> Block:
    """Return every setting of every rule: the record leaves none out."""
    if not home.rules:
        return Paragraph(words.say("record.rules_none"))
    labels = words.of("settings")
    rows = []
    for rule in home.rules:
        values = setting_values(rule.settings, words)
        said = (
            words.say("record.settings_value", label=labels.say(name), value=values[name])
            for name in setting_fields(type(rule.settings))
        )
        rows.append((rule_name(words, home, rule), "; ".join(said)))
    return Table(_head(words, "rule_what", "settings_how"), tuple(rows))


def _receivers(words: Words, home: HomeFacts) -> tuple[Block, ...]:
    way = [Paragraph(words.say(f"record.way_{home.way}"))]
    if home.has_second_way:
        way.append(Paragraph(words.say("record.second_way")))
    if not home.receivers:
        return (Paragraph(words.say("record.receivers_none"), is_strong=True), *way)
    head = (
        "receiver_order",
        "receiver_protocol",
        "receiver_takes",
        "receiver_road",
        "receiver_proved",
    )
    rows = tuple(
        (
            str(receiver.order),
            receiver.protocol.upper(),
            capital(words.say(f"record.takes_{receiver.takes}")),
            capital(words.say(f"record.road_{receiver.road}")),
            "",
        )
        for receiver in home.receivers
    )
    return (*way, Table(_head(words, *head), rows))
