"""From an alarm to `snu` 0 through Kamailio with digest and TLS, beside PJSIP sending the same MESSAGE.

`python benchmarks/scaip_latency.py [--count 300]` (after `scripts/setup --peers`). Both speak to one
Kamailio, in turns, so that what the machine does meanwhile falls on both. Prints p50 and p99 in
milliseconds and the ratio of the p50s; the goal is at most 1.5.
"""

import argparse
import asyncio
from contextlib import AsyncExitStack
import json
from pathlib import Path
import statistics
import sys
import tempfile
import time
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from custom_components.kvarbo.transmission.receiver import Answer  # noqa: E402
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver  # noqa: E402
from tests.peers.proxy import PJSIP, Kamailio, home, lay_kamailio  # noqa: E402
from tests.transmission.rest.rest_sample import a_dispatch  # noqa: E402

ROUNDS = 6
GOAL = 1.5


async def ours(receiver: ScaipReceiver, count: int, number: int) -> list[float]:
    """Send so many alarms one after the other; return seconds of each."""
    took = []
    for at in range(count):
        session = f"01JD8ZQ3N4{number:06d}{at:010d}"
        dispatch = a_dispatch(session=session)
        began = time.perf_counter()
        verdict = await receiver.send(dispatch)
        took.append(time.perf_counter() - began)
        if verdict.answer is not Answer.ACCEPTED:
            raise SystemExit(f"not accepted: {verdict}")
    return took


async def theirs(kamailio: Kamailio, count: int, body: Path) -> list[float]:
    """Let PJSIP send so many."""
    arguments = (f"127.0.0.1:{kamailio.tls_port}", str(count), str(body))
    process = await asyncio.create_subprocess_exec(
        str(PJSIP),
        str(ROOT / "benchmarks" / "pjsip_sender.py"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"PJSIP failed: {process.returncode}")
    told: list[float] = json.loads(out.decode().strip().splitlines()[-1])
    return told


def percentile(values: list[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000


async def measure(count: int, folder: Path) -> tuple[list[float], list[float]]:
    """Measure both in turns."""
    kamailio = lay_kamailio(folder, "SHA-256")
    body = folder / "body.xml"
    one, other = list[float](), list[float]()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(kamailio.up())
        receiver: Any = await stack.enter_async_context(home(kamailio, "tls"))
        receiver.told = body.write_bytes
        await ours(receiver, 5, 999_999)
        receiver.told = lambda _document: None
        for number in range(ROUNDS):
            one += await ours(receiver, count // ROUNDS, number)
            other += await theirs(kamailio, count // ROUNDS, body)
    return one, other


def main() -> int:
    """Measure and tell; 0 when the goal is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one, other = asyncio.run(measure(options.count, Path(folder)))
    for name, values in (("Kvarbo", one), ("PJSIP", other)):
        print(
            f"{name:7} n={len(values)}  p50 {percentile(values, 0.5):6.2f} ms"
            f"  p99 {percentile(values, 0.99):6.2f} ms"
        )
    ratio = statistics.median(one) / statistics.median(other)
    print(f"p50 Kvarbo / p50 PJSIP = {ratio:.2f} (goal: at most {GOAL})")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
