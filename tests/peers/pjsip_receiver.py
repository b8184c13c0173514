"""PJSIP as an alarm receiver: signs in, takes alarms, answers in messages of its own.

Runs in PJSIP's own environment, never in ours. Arguments: transport, host:port of the proxy, holds
before the acceptance. It prints a line for what it does.
"""

# ruff: noqa: T201, ANN001, ANN201, N802
# mypy: ignore-errors
import ctypes
from pathlib import Path
import re
import sys
import time

import pjsua2 as pj

# The wheel brings an OpenSSL of 2017, which knows no digest before somebody has asked it to.
for library in (Path(pj.__file__).parents[1] / "pjsua2_python.libs").glob("libcrypto*"):
    ctypes.CDLL(str(library)).OPENSSL_add_all_algorithms_noconf()

transport, proxy, holds = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = {}
to_say = []


class Account(pj.Account):
    def onRegState(self, prm):
        print("SIGNED IN" if prm.code == 200 else f"NOT IN {prm.code} {prm.reason}", flush=True)

    def onInstantMessage(self, prm):
        ref = re.search(r"<ref>(\w+)</ref>", prm.msgBody)
        kind = re.search(r"<mty>(\w+)</mty>", prm.msgBody)
        if ref is None:
            print(f"NO REF {prm.msgBody}", flush=True)
            return
        name = ref[1]
        seen[name] = seen.get(name, 0) + 1
        print(f"HEARD {name} {kind[1] if kind else 'ME'} {seen[name]}", flush=True)
        snu = 4 if seen[name] <= holds else 0
        to_say.append((prm.fromUri, f"<mrs><ref>{name}</ref><snu>{snu:02d}</snu></mrs>"))


endpoint = pj.Endpoint()
endpoint.libCreate()
config = pj.EpConfig()
config.logConfig.level = config.logConfig.consoleLevel = 1
config.uaConfig.threadCnt = 0
config.uaConfig.mainThreadOnly = True
endpoint.libInit(config)
where = pj.TransportConfig()
where.boundAddress = "127.0.0.1"
kinds = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP}
endpoint.transportCreate(kinds[transport], where)
endpoint.libStart()
endpoint.audDevManager().setNullDev()
settings = pj.AccountConfig()
settings.idUri = "sip:arc1@care.test"
settings.regConfig.registrarUri = f"sip:{proxy};transport={transport}"
settings.regConfig.timeoutSec = 60
settings.regConfig.retryIntervalSec = settings.regConfig.firstRetryIntervalSec = 1
settings.sipConfig.proxies.append(f"sip:{proxy};transport={transport};lr")
settings.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "care.test", "arc1", 0, "arcpw"))
account = Account()
account.create(settings)
end = time.monotonic() + 300
while time.monotonic() < end:
    endpoint.libHandleEvents(10)
    while to_say:
        to, body = to_say.pop(0)
        about = pj.BuddyConfig()
        about.uri = to.strip("<>").split(">")[0].split(";")[0]
        buddy = pj.Buddy()
        buddy.create(account, about)
        message = pj.SendInstantMessageParam()
        message.contentType = "application/scaip+xml"
        message.content = body
        buddy.sendInstantMessage(message)
endpoint.libDestroy()
