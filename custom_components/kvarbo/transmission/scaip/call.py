"""Call an alarm centre by hand: a heartbeat and one TEST alarm, with the code that runs in homes.

`python -m custom_components.kvarbo.transmission.scaip.call --to ADDRESS --unit NUMBER`. It prints
every document and answer; it ends with 0 when both were accepted, 1 when not, 2 for wrong arguments.
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
import sys
from typing import Final

from ulid_transform import ulid_now

from ...alarm.alarm import Alarm, Delivery, Message, MessageKind, Source
from ...alarm.clock import SystemClock
from ...alarm.kinds import AlarmKind, Location, ReasonCode, Role
from ...alarm.reason import Language
from ..receiver import Answer, Dispatch, Heartbeat, Verdict
from ..rest.settings import SettingError, Trust
from .profile import BUILT_IN, built_in
from .profile_reader import parse_profile
from .scaip import ScaipReceiver
from .settings import ScaipSettings, instance_of, read_address, read_credentials, routed
from .sip.values import SipUri
from .sip.wire import Transport

_USER: Final = "larm"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m custom_components.kvarbo.transmission.scaip.call",
        description="Send a heartbeat and one TEST alarm to a SCAIP receiver.",
    )
    parser.add_argument(
        "--to", required=True, help="the receiver: larm.example.se, sip:a@b;transport=tcp"
    )
    parser.add_argument("--unit", required=True, help="the unit's number there, digits")
    parser.add_argument("--user", help="of the account; the unit's number unless given")
    parser.add_argument("--password-file", type=Path, help="holds the password on its first line")
    parser.add_argument("--dialect", choices=BUILT_IN, default=BUILT_IN[0])
    parser.add_argument("--transport", choices=[str(t) for t in Transport], default="tls")
    parser.add_argument("--no-register", action="store_true", help="do not sign in first")
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="who else may vouch for the receiver"
    )
    parser.add_argument("--language", choices=[str(x) for x in Language], default="sv")
    return parser.parse_args(argv)


def _receiver(options: argparse.Namespace) -> ScaipReceiver:
    receiver = read_address(options.to, "to", user=_USER)
    user = options.user or options.unit
    password = None
    if options.password_file is not None:
        password = options.password_file.read_text(encoding="utf-8").partition("\n")[0]
    ca = None if options.ca is None else options.ca.read_text(encoding="utf-8")
    return ScaipReceiver(
        settings=ScaipSettings(
            receiver=SipUri(host=receiver.host, user=receiver.user, port=receiver.port),
            own=SipUri(host=receiver.host, user=user),
            route=routed(receiver, None, Transport(options.transport)),
            credentials=read_credentials(user, password),
            registers=not options.no_register,
            instance=instance_of(options.unit, receiver),
            trust=Trust(ca_certificate=ca),
        ),
        profile=parse_profile(built_in(options.dialect)),
        language=Language(options.language),
        controller=options.unit,
        clock=SystemClock(),
    )


def _test_alarm(now: datetime) -> Dispatch:
    alarm_id, message_id, reference = ulid_now(), ulid_now(), ulid_now()
    alarm = Alarm(
        id=alarm_id,
        episode=alarm_id,
        kind=AlarmKind.HELP_CALL,
        priority=0,
        source=Source(1, Role.HELP_BUTTON),
        location=Location.HOME,
        resident=0,
        reason=ReasonCode.TEST,
        sensed_at=now,
        raised_at=now,
        raised_by="test",
        test=True,
    )
    return Dispatch(
        alarm=alarm,
        message=Message(id=message_id, alarm_id=alarm_id, kind=MessageKind.ALARM, created_at=now),
        delivery=Delivery(
            reference=reference,
            message_id=message_id,
            alarm_id=alarm_id,
            receiver="call",
            queued_at=now,
            attempts=1,
        ),
        sent_at=now,
        session=reference,
    )


def _tell(what: str, verdict: Verdict) -> bool:
    took = "" if verdict.took is None else f", {verdict.took * 1000:.0f} ms"
    words = f": {verdict.words}" if verdict.words else ""
    sys.stdout.write(f"{what}: {verdict.answer}{took}{words}\n")
    if verdict.callback is not None:
        sys.stdout.write(f"  it wants to speak: {verdict.callback}\n")
    if verdict.interval is not None:
        sys.stdout.write(f"  it wants a heartbeat every {verdict.interval} s\n")
    return verdict.answer is Answer.ACCEPTED


async def _call(receiver: ScaipReceiver) -> bool:
    receiver.told = lambda document: sys.stdout.write(f"  {document.decode()}\n")
    try:
        now = datetime.now(UTC)
        beat = Heartbeat(hub="call", version="call", interval=300, undelivered=0, sent_at=now)
        heard = _tell("heartbeat", await receiver.heartbeat(beat))
        taken = _tell("TEST alarm", await receiver.send(_test_alarm(now)))
    finally:
        await receiver.close()
    return heard and taken


def main(argv: Sequence[str] | None = None) -> int:
    """Call; return the exit code."""
    options = _arguments(argv)
    try:
        receiver = _receiver(options)
    except (SettingError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if asyncio.run(_call(receiver)) else 1


if __name__ == "__main__":
    sys.exit(main())
