"""Messages that are almost right: what a fuzzer of ours feeds to readers. The same for a seed."""

from collections.abc import Iterator, Sequence
import random
import re
from typing import Final

_TOKENS: Final = (
    b"",
    b"\0",
    b"\r\n",
    b"\r\n\r\n",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&x;",
    b"]]>",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
    b"<?xml version='1.0' encoding='UTF-16'?>",
    b"<?xml version='1.0' encoding='nothing'?>",
    b'"',
    b"\\",
    b";",
    b"=",
    b",",
    b":",
    b"%00",
    b"-1",
    b"99999999999999999999",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"A" * 5000,
    b" " * 300,
    b"<a>" * 50,
    b"SIP/2.0",
    b"Content-Length: 7",
    b"Via:",
)
_WORD: Final = re.compile(rb"[A-Za-z0-9.\-]+")


def mutations(seeds: Sequence[bytes], lot: random.Random) -> Iterator[bytes]:
    """Yield messages without end, each made of one of the seeds by one to six changes."""
    while True:
        octets = bytearray(lot.choice(seeds))
        for _ in range(lot.randint(1, 6)):
            _change(octets, seeds, lot)
        yield bytes(octets[:100_000])


def _change(octets: bytearray, seeds: Sequence[bytes], lot: random.Random) -> None:
    at = lot.randint(0, len(octets))
    to = min(len(octets), at + lot.choice((0, 1, 1, 2, 8, 64, 512)))
    match lot.randrange(8):
        case 0:
            octets[at:at] = lot.choice(_TOKENS)
        case 1:
            octets[at:to] = lot.choice(_TOKENS)
        case 2:
            del octets[at:to]
        case 3:
            octets[at:at] = octets[at:to]
        case 4 if at < len(octets):
            octets[at] ^= 1 << lot.randrange(8)
        case 5:
            other = lot.choice(seeds)
            begin = lot.randint(0, len(other))
            octets[at:to] = other[begin : begin + lot.randint(0, 80)]
        case 6:
            words = list(_WORD.finditer(octets))
            if words:
                word = lot.choice(words)
                octets[word.start() : word.end()] = lot.choice(_TOKENS)
        case _:
            octets[at:at] = lot.randbytes(lot.randint(1, 16))
