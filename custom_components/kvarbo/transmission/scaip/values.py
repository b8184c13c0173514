"""The two documents of SCAIP as values: what a unit says, and what a receiver answers (docs/scaip.md)."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final


class Dialect(StrEnum):
    """What a make of receivers calls the root of both documents."""

    #: `mrq` is asked and `mrs` answered, as `application/scaip+xml`: most devices in the field.
    MRQ = "mrq"
    #: `scaip` both ways, as `application/xml`.
    SCAIP = "scaip"


#: The content type of each dialect.
CONTENT_TYPES: Final = {
    Dialect.MRQ: "application/scaip+xml",
    Dialect.SCAIP: "application/xml",
}


class MessageType(StrEnum):
    """What a request is (`mty`)."""

    MESSAGE = "ME"
    RESET = "RE"
    INFORMATION = "IN"
    PING = "PI"


class Snu(IntEnum):
    """What a receiver answers (`snu`)."""

    HANDLED = 0
    TOO_LONG = 1
    BAD_FORMAT = 2
    WRONG_DATA = 3
    HOLD = 4
    NOT_TREATED = 5
    BUSY = 6
    TAG_MISSING = 7
    REFERENCE_MISSING = 10
    UNDEFINED = 99


class Voice(IntEnum):
    """Which way a call would carry sound (`mre`)."""

    NONE = 0
    DUPLEX = 1
    MICROPHONE = 2
    SPEAKER = 3


#: Longest document that is read, in octets; longest that is sent.
LONGEST_READ: Final = 16 * 1024
LONGEST_SENT: Final = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaipRequest:
    """What a unit says. None means that the element is left out.

    Codes are numbers: `dty` and `stc` are sent with four digits, `dco` and `lco` with three.
    `crd` are caller addresses (`no-voice:`, `gsm:NUMBER`, `sip:URI`). `tim` is aware. `hbo` is
    whether we obey the receiver's heartbeat interval (001).
    """

    ref: str
    cid: str
    dty: int
    mty: MessageType = MessageType.MESSAGE
    ver: str | None = None
    sco: int | None = None
    cha: int | None = None
    hbo: bool = False
    did: str | None = None
    dco: int | None = None
    dte: str | None = None
    crd: tuple[str, ...] = ()
    stc: int | None = None
    stt: str | None = None
    pri: int | None = None
    lco: int | None = None
    lva: str | None = None
    tim: datetime | None = None
    lte: str | None = None
    ite: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaipAnswer:
    """What a receiver answers.

    `snu` is a number of `Snu`, or any other that the receiver made up. `ref` may be empty: one known receiver
    leaves it out on some errors. `cre` is 1-60 minutes of callback accepted, 61 call the predefined
    receiver, 62 call `tnu`. `hbi` is a heartbeat interval in minutes, 1-1440; None where it was not
    said or made no sense.
    """

    ref: str
    snu: int
    ste: str = ""
    cve: str | None = None
    mre: Voice = Voice.NONE
    cre: int | None = None
    tnu: str | None = None
    hbi: int | None = None
