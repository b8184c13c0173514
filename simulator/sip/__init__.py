"""A SIP server of the far end's own, written a second time on purpose.

One misunderstanding on both sides would prove nothing, so it shares no code with the integration.
"""

from .message import Sip
from .server import Challenge, Incoming, Outgoing, SipServer, Way

__all__ = ["Challenge", "Incoming", "Outgoing", "Sip", "SipServer", "Way"]
