"""The one connection to a broker, over a socket of the tunnel's: made, kept alive, made anew (MQTT 5).

The library (paho-mqtt) knows packets and sessions; it makes no socket and no thread here. A new one is made for each
connection, so that it repeats nothing by itself: the transmitter counts every sending (A5). The session at the broker
stays, and with it what was published for us meanwhile.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import logging
import random
import ssl
from typing import Any, Final, override

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ..gate import GATE, Content
from ..rest.session import UnansweredError
from ..rest.words import Said
from ..tunnel import Tunnel
from .dial import Dial, why
from .settings import MqttSettings
from .wire import LONGEST, Wire

__all__ = ["Heard", "Link", "ReasonCode", "RefusedError", "Session", "properties_of"]

_LOGGER: Final = logging.getLogger(__name__)

#: Seconds between signs of life on a connection where nothing else goes: a dead one is noticed within twice that.
KEEPALIVE: Final = 15
#: The broker keeps what was published for us this long while we are away, seconds.
SESSION: Final = 86_400
#: A connection that was lost is made anew after so long, seconds: at least, at most.
AGAIN: Final = (0.5, 1.0)
#: How long making a connection may take, seconds.
CONNECT_LIMIT: Final = 10.0
#: The library looks at its own clock this often, seconds.
_TICK: Final = 1.0
#: So many messages may wait for the broker's word; the transmitter allows fewer.
_OUTSTANDING: Final = 1000

#: Reason codes of a broker that does not know us (MQTT 5, 2.4).
_NOT_US: Final = frozenset({0x86, 0x87, 0x8A, 0x8C})
NOT_AUTHORIZED: Final = 0x87
TAKEN_OVER: Final = 0x8E
NOBODY: Final = 0x10


class RefusedError(Exception):
    """The broker says no. `code` is its reason code; `about_us`: it does not know us."""

    def __init__(self, code: int, words: str) -> None:
        """Take the broker's reason."""
        super().__init__(words)
        self.code = code
        self.words = words

    @property
    def about_us(self) -> bool:
        """Whether it is about who we are."""
        return self.code in _NOT_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message for us. `about` is its correlation data as text, empty where it has none."""

    topic: str
    payload: bytes
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What we are to a broker: topics to listen to, and what it says of us when we come and are gone."""

    listens: tuple[str, ...]
    presence: str
    birth: Content
    will: Content


class _Client(Client):
    """The library's client on a connection of ours."""

    def __init__(self, client_id: str, wire: Wire) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        self._wire = wire

    @override
    def _create_socket(self) -> Any:
        return self._wire


class Link:
    """The connection. `heard` gets every message for us; `lost` is called when the connection is gone."""

    def __init__(
        self,
        settings: MqttSettings,
        session: Callable[[], Session],
        tunnel: Tunnel,
        make_tls: Callable[[], ssl.SSLContext],
        *,
        heard: Callable[[Heard], None],
        lost: Callable[[], None],
    ) -> None:
        """Open nothing yet. `make_tls` takes time: it is called in a thread."""
        self._settings = settings
        self._session = session
        self._dial = Dial(settings, tunnel, make_tls)
        self._heard = heard
        self._lost = lost
        self._client: _Client | None = None
        self._wire: Wire | None = None
        #: The connection over which the broker has taken us, and we listen.
        self._taken: Wire | None = None
        self._opening = asyncio.Lock()
        self._acks: dict[int, asyncio.Future[ReasonCode]] = {}
        self._greeting: asyncio.Future[ReasonCode] | None = None
        self._subscribed: asyncio.Future[list[ReasonCode]] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False
        self._again = asyncio.Event()
        #: When another client took our session (the event loop's clock); None: never.
        self.taken_over_at: float | None = None

    @property
    def is_up(self) -> bool:
        """Whether the broker has taken us and we listen."""
        return self._taken is not None and self._taken is self._wire and self._is_connected

    @property
    def _is_connected(self) -> bool:
        return self._client is not None and self._wire is not None and self._wire.is_open

    async def up(self) -> None:
        """Make the connection where there is none.

        Raises:
            UnansweredError: there is no broker, or none that answers.
            RefusedError: it does not take us.
        """
        async with self._opening:
            if self._closed:
                raise UnansweredError(Said.CLOSED, maybe_heard=False)
            if not self.is_up:
                await self._open()
            if not self._tasks:
                self._tasks = [
                    asyncio.create_task(self._tick(), name="kvarbo mqtt tick"),
                    asyncio.create_task(self._keep(), name="kvarbo mqtt keep"),
                ]

    def handed(
        self, topic: str, content: Content, properties: Properties
    ) -> asyncio.Future[ReasonCode]:
        """Hand a message to the network now; return what the broker's word for it will come by.

        Raises:
            UnansweredError: there is no connection; nothing was sent.
            GateError: the content is none of the gate's; nothing was sent.
        """
        client = self._client
        if client is None or not self._is_connected:
            raise UnansweredError(Said.CUT_OFF, maybe_heard=False)
        info = client.publish(topic, payload=GATE.check(content), qos=1, properties=properties)
        acked: asyncio.Future[ReasonCode] = asyncio.get_running_loop().create_future()
        self._acks[info.mid] = acked
        acked.add_done_callback(lambda _: self._acks.pop(info.mid, None))
        return acked

    async def close(self) -> None:
        """End for good: the broker tells that we are gone. Safe to call twice."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        async with self._opening:
            client, self._client = self._client, None
            if client is not None and self._wire is not None and self._wire.is_open:
                # With the will: whoever watches our presence hears of a clean end too.
                client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=0x04))
                self._wire.close()
        self._fail_all(UnansweredError(Said.CLOSED, maybe_heard=True))

    # -- making it -----------------------------------------------------------------------------

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                wire = Wire(self._read, lambda err: self._gone(wire, err))
                await self._dial.connect(wire)
                self._wire = wire
                await self._greet()
                self._taken = wire
        except TimeoutError:
            self._drop()
            raise UnansweredError(Said.SILENT, f"{CONNECT_LIMIT:g}", maybe_heard=False) from None
        except (OSError, ssl.SSLError) as err:
            self._drop()
            raise why(err) from None
        except BaseException:
            self._drop()
            raise

    async def _greet(self) -> None:
        settings, loop = self._settings, asyncio.get_running_loop()
        wire = self._wire
        assert wire is not None  # noqa: S101 - just connected
        session = self._session()
        client = _Client(settings.client_id, wire)
        client.max_inflight_messages_set(_OUTSTANDING)
        client.suppress_exceptions = False
        if settings.username is not None or settings.password is not None:
            client.username_pw_set(settings.username or "", settings.password)
        client.will_set(session.presence, GATE.check(session.will), qos=1)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's own
        asked.SessionExpiryInterval = SESSION
        asked.MaximumPacketSize = LONGEST
        self._client = client
        self._greeting = loop.create_future()
        client.connect(settings.host, settings.port, KEEPALIVE, clean_start=False, properties=asked)
        _check(await self._greeting)
        self._subscribed = loop.create_future()
        client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in session.listens])
        for reason in await self._subscribed:
            _check(reason)
        await self.handed(session.presence, session.birth, properties_of())

    def _drop(self) -> None:
        wire, self._wire, self._client = self._wire, None, None
        if wire is not None:
            wire.close()

    # -- keeping it ----------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            if self._client is None:
                continue
            try:
                self._client.loop_misc()
            except Exception:
                # A fault of the library's must not leave a dead connection unnoticed.
                _LOGGER.exception("The library failed inside")
                self._drop_lost()

    async def _keep(self) -> None:
        """Make the connection anew whenever it is gone: receipts and news may wait at the broker."""
        while True:
            await self._again.wait()
            self._again.clear()
            while not self.is_up:
                await asyncio.sleep(random.uniform(*AGAIN))  # noqa: S311 - so that homes do not come all at once
                try:
                    await self.up()
                except (UnansweredError, RefusedError) as err:
                    _LOGGER.debug("The broker is not there: %s", err)
                except Exception:
                    # It must be made anew whatever has gone wrong once.
                    _LOGGER.exception("The connection could not be made anew")

    def _gone(self, wire: Wire, err: Exception | None) -> None:
        if wire is not self._wire:
            return
        self._client = None
        if wire.goodbye == TAKEN_OVER:
            self.taken_over_at = asyncio.get_running_loop().time()
        failure = UnansweredError(Said.CUT_OFF, maybe_heard=True) if err is None else why(err)
        self._fail_all(UnansweredError(failure.said, failure.detail, maybe_heard=True))
        self._again.set()
        self._lost()

    def _fail_all(self, err: UnansweredError) -> None:
        for future in [*self._acks.values(), self._greeting, self._subscribed]:
            if future is not None and not future.done():
                future.set_exception(err)
                # Whoever asked may have gone away already.
                future.exception()

    # -- what the library tells ----------------------------------------------------------------

    def _read(self) -> None:
        client, wire = self._client, self._wire
        while client is not None and wire is not None and wire.has_more and client is self._client:
            try:
                client.loop_read()
            except Exception as err:  # noqa: BLE001 - whatever a far end can make of a packet
                _LOGGER.debug("A broker's packet cannot be read: %s", type(err).__name__)
                self._fail_all(UnansweredError(Said.NOT_MQTT, type(err).__name__, maybe_heard=True))
                wire.connection_lost(None)
                return

    def _on_connect(
        self, _c: Client, _u: Any, _flags: Any, reason: ReasonCode, _p: Properties | None
    ) -> None:
        if self._greeting is not None and not self._greeting.done():
            self._greeting.set_result(reason)

    def _on_subscribe(
        self, _c: Client, _u: Any, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        if self._subscribed is not None and not self._subscribed.done():
            self._subscribed.set_result(reasons)

    def _on_publish(
        self, _c: Client, _u: Any, mid: int, reason: ReasonCode, _p: Properties | None
    ) -> None:
        acked = self._acks.get(mid)
        if acked is not None and not acked.done():
            acked.set_result(reason)

    def _on_message(self, _c: Client, _u: Any, message: MQTTMessage) -> None:
        about = getattr(message.properties, "CorrelationData", b"")
        self._heard(
            Heard(
                topic=message.topic,
                payload=message.payload,
                about=about.decode("ascii", "replace") if isinstance(about, bytes) else "",
            )
        )

    def _on_disconnect(
        self, _c: Client, _u: Any, _flags: Any, _reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._drop_lost()

    def _drop_lost(self) -> None:
        if self._wire is not None:
            self._wire.connection_lost(None)


def properties_of(*, answer_to: str = "", about: str = "") -> Properties:
    """Return what stands beside a message of ours: where the receipt is wanted, and under which name."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho's own
    properties.PayloadFormatIndicator = 1
    properties.ContentType = "application/cloudevents+json" if about else "application/json"
    if answer_to:
        properties.ResponseTopic = answer_to
        properties.CorrelationData = about.encode("ascii")
    return properties


def _check(reason: ReasonCode) -> None:
    if reason.is_failure:
        raise RefusedError(reason.value, str(reason))
