"""What carries messages, and what can happen instead: flows, targets, faults (RFC 3261 section 18)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from .message import Message
from .values import BadMessageError


class Transport(StrEnum):
    """How octets travel."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"

    @property
    def is_reliable(self) -> bool:
        """Whether the transport itself repeats what is lost."""
        return self is not Transport.UDP


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One place that a request may go to (RFC 3263).

    `host` is a numeric address; `name` the host name that was looked up, by which the certificate
    is checked (RFC 5922): never the name that SRV gave.
    """

    transport: Transport
    host: str
    port: int
    name: str


class Fault(StrEnum):
    """Why there is no answer; each has words for people in `scaip/texts`."""

    NO_NAME = "no_name"
    NO_ROUTE = "no_route"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    WRONG_NAME = "wrong_name"
    OWN_CERTIFICATE = "own_certificate"
    OWN_CERTIFICATE_REFUSED = "own_certificate_refused"
    AUTHORITIES = "authorities"
    TLS = "tls"
    SILENT = "silent"
    CUT_OFF = "cut_off"
    TOO_LARGE = "too_large"
    NOT_SIP = "not_sip"
    CLOSED = "closed"


class UnansweredError(Exception):
    """No answer that counts. `maybe_heard`: the whole request may have reached the far end."""

    def __init__(self, fault: Fault, detail: object = "", *, maybe_heard: bool = False) -> None:
        """Say what happened; `detail` is short and holds no secret."""
        super().__init__(fault)
        self.fault = fault
        self.detail = str(detail)[:120]
        self.maybe_heard = maybe_heard


class Flow(Protocol):
    """One way to one target and back: a connection, or a UDP socket with one far end (RFC 5626)."""

    @property
    def target(self) -> Target:
        """Where it leads."""

    @property
    def local(self) -> tuple[str, int]:
        """Our own address and port, as Via and Contact name them."""

    @property
    def is_open(self) -> bool:
        """Whether anything can be sent."""

    def send(self, octets: bytes) -> None:
        """Hand octets to the network.

        Raises:
            UnansweredError: they cannot be handed over; the flow is of no further use.
        """

    async def close(self) -> None:
        """Let go. Safe to call twice; `lost` is not told."""


class FlowHearer(Protocol):
    """Whom a flow tells. All are called on the event loop and must not wait."""

    def received(self, flow: Flow, message: Message) -> None:
        """Take a message; the flow has checked that it came from the far end of the flow."""

    def malformed(self, flow: Flow, error: BadMessageError) -> None:
        """Take note of octets that are no SIP; a stream is closed by its flow after that."""

    def lost(self, flow: Flow, error: UnansweredError) -> None:
        """Take note that the flow has ended by itself. Told once."""
