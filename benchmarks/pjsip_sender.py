"""PJSIP sends the same MESSAGE to the same proxy, one after the other, and times each answer.

Runs in PJSIP's own environment. Arguments: host:port of the proxy's TLS port, how many, a file with the
body. Prints one line of JSON: seconds of each.
"""

# ruff: noqa: ANN001, ANN201, N802, D101, D102
# mypy: ignore-errors
import ctypes
import json
from pathlib import Path
import sys
import time

import pjsua2 as pj

for library in (Path(pj.__file__).parents[1] / "pjsua2_python.libs").glob("libcrypto*"):
    ctypes.CDLL(str(library)).OPENSSL_add_all_algorithms_noconf()

proxy, count, body = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]).read_text(encoding="utf-8")
_OK = 200
answered = []
state = {"registered": False}


class Account(pj.Account):
    def onRegState(self, prm):
        state["registered"] = prm.code == _OK

    def onInstantMessageStatus(self, prm):
        answered.append((time.perf_counter(), prm.code))


endpoint = pj.Endpoint()
endpoint.libCreate()
config = pj.EpConfig()
config.logConfig.level = config.logConfig.consoleLevel = 0
config.uaConfig.threadCnt = 0
config.uaConfig.mainThreadOnly = True
endpoint.libInit(config)
endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, pj.TransportConfig())
endpoint.libStart()
endpoint.audDevManager().setNullDev()
settings = pj.AccountConfig()
settings.idUri = "sip:4711@care.test"
settings.regConfig.registrarUri = f"sip:{proxy};transport=tls"
settings.sipConfig.proxies.append(f"sip:{proxy};transport=tls;lr")
settings.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "care.test", "4711", 0, "s3cret"))
account = Account()
account.create(settings)
end = time.monotonic() + 15
while not state["registered"]:
    endpoint.libHandleEvents(10)
    if time.monotonic() > end:
        sys.exit("PJSIP could not sign in")
about = pj.BuddyConfig()
about.uri = "sip:direct@care.test"
buddy = pj.Buddy()
buddy.create(account, about)
message = pj.SendInstantMessageParam()
message.contentType = "application/scaip+xml"
message.content = body
took = []
for _ in range(count):
    seen = len(answered)
    began = time.perf_counter()
    buddy.sendInstantMessage(message)
    while len(answered) == seen:
        endpoint.libHandleEvents(5)
    at, code = answered[-1]
    if code != _OK:
        sys.exit(f"SIP {code}")
    took.append(at - began)
print(json.dumps(took))
endpoint.libDestroy()
