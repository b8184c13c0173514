"""Names that the parts of the shell share."""

from enum import StrEnum
from typing import Final

DOMAIN: Final = "kvarbo"

# The home (config entry).
CONF_CONTROLLER: Final = "controller"
CONF_LABEL: Final = "label"
CONF_DEMO: Final = "demo"
#: The number that the next device gets: given once, never reused.
CONF_NEXT_NUMBER: Final = "next_number"

#: Who and what lives in the home: a mapping of its own.
CONF_DWELLING: Final = "dwelling"

#: Which users of Home Assistant have which of Kvarbo's own roles: an option of the home.
CONF_ROLES: Final = "roles"

# How alarms reach the municipality: a mapping of its own, with the three keys below.
CONF_REACHED_BY: Final = "reached_by"
CONF_SECOND: Final = "second"
CONF_WAY_OUT: Final = "way_out"
CONF_WAY: Final = "way"
CONF_INTERFACE: Final = "interface"
CONF_NAMESERVERS: Final = "nameservers"

#: In a reauth flow's data: which receiver it is for.
CONF_SUBENTRY_ID: Final = "subentry_id"

# What a coordinator sets by a home file: when the home is gone through again, and whose signature
# such a file needs (a public key; none means that any will do).
CONF_REVIEW: Final = "review"
CONF_SIGNED_BY: Final = "signed_by"

# A receiver (subentry).
SUBENTRY_RECEIVER: Final = "receiver"
CONF_PROTOCOL: Final = "protocol"
CONF_ORDER: Final = "order"
CONF_TAKES: Final = "takes"
CONF_LANGUAGE: Final = "language"
CONF_HEARTBEAT: Final = "heartbeat"
CONF_PROFILE: Final = "profile"
CONF_CA_CERTIFICATE: Final = "ca_certificate"
CONF_CLIENT_CERTIFICATE: Final = "client_certificate"
CONF_CLIENT_KEY: Final = "client_key"
# CONF_URL and CONF_TOKEN are Home Assistant's own, and of SCAIP CONF_USERNAME and CONF_PASSWORD.
CONF_TRANSPORT: Final = "transport"
CONF_PROXY: Final = "proxy"
CONF_REGISTERS: Final = "registers"
CONF_SPEECH: Final = "speech"
CONF_LOCAL_PORT: Final = "local_port"

# A device (subentry).
SUBENTRY_DEVICE: Final = "device"
CONF_NUMBER: Final = "number"
CONF_ROLE: Final = "role"
CONF_RESIDENT: Final = "resident"
CONF_SOURCE: Final = "source"
#: Whether a sensor says active where its role means idle.
CONF_INVERTED: Final = "inverted"
#: For a source that is a number: above this it is active.
CONF_ACTIVE_ABOVE: Final = "active_above"
#: Of a toilet lift whose source is a number: from this height it is raised, above this power it strains.
CONF_RAISED_FROM: Final = "raised_from"
CONF_STRAINS_ABOVE: Final = "strains_above"
# CONF_LOCATION is Home Assistant's own.
CONF_SOURCE_TYPE: Final = "type"
CONF_SOURCE_DOMAIN: Final = "domain"
CONF_SOURCE_PLATFORM: Final = "platform"
CONF_SOURCE_UNIQUE_ID: Final = "unique_id"
CONF_SOURCE_IEEE: Final = "ieee"
CONF_SOURCE_ADDRESS: Final = "address"
#: Of a dispenser: what other entities tell of it, sources by field.
CONF_FIELDS: Final = "fields"


class SourceType(StrEnum):
    """What a device listens to: one source a device."""

    #: An entity, named by domain, platform and unique id; its entity id is looked up.
    ENTITY = "entity"
    #: Cluster commands of a Zigbee device, named by its IEEE address.
    ZHA_EVENT = "zha_event"
    #: A medicine dispenser of our own Bluetooth profile, named by its address.
    DISPENSER = "dispenser"
    #: Nothing yet: a home file has set the device up, and a technician has yet to pair it.
    TO_PAIR = "to_pair"


class Protocol(StrEnum):
    """How a receiver is spoken to."""

    REST = "rest"
    SCAIP = "scaip"
    MQTT = "mqtt"


#: Heartbeat limits, seconds (SS 91100: 1-1440 minutes).
HEARTBEAT_LEAST: Final = 60
HEARTBEAT_MOST: Final = 86400
#: One hub, one household: so many persons can be told apart.
RESIDENTS_MOST: Final = 9

ACTION_RAISE_ALARM: Final = "raise_alarm"
ACTION_CANCEL_ALARM: Final = "cancel_alarm"
ACTION_TEST_ALARM: Final = "test_alarm"
ACTION_DECLINE_ALARM: Final = "decline_alarm"
ACTION_PAUSE: Final = "pause_supervision"
ACTION_RESUME: Final = "resume_supervision"
ACTION_SET_AWAY: Final = "set_away"
ACTION_SET_VISITOR: Final = "set_visitor"
ACTION_GIVE_CONSENT: Final = "give_consent"
ACTION_WITHDRAW_CONSENT: Final = "withdraw_consent"
ACTION_END_RULE: Final = "end_rule"
ACTION_REPLAY_RULE: Final = "replay_rule"
ACTION_DEMO_TIME: Final = "demo_time"
ACTION_BEGIN_COMMISSIONING: Final = "begin_commissioning"
ACTION_NOTE_COMMISSIONING: Final = "note_commissioning"
ACTION_LEAVE_OPEN: Final = "leave_open"
ACTION_CLOSE_COMMISSIONING: Final = "close_commissioning"
ACTION_RATE_ALARM: Final = "rate_alarm"
ACTION_EXPORT_FIGURES: Final = "export_figures"
ACTION_APPLY_SETTINGS: Final = "apply_settings"
ACTION_EXPORT_SETTINGS: Final = "export_settings"

#: Sent when a home has recovered and takes triggers.
SIGNAL_HOME_STARTED: Final = "kvarbo_home_started"
