"""What the operating system and OpenSSL say of a flow, in our words."""

import errno
import ssl
from typing import Final

from ...tls_alert import alert_of, is_about_ours
from .wire import Fault, UnansweredError

#: `X509_V_ERR_HOSTNAME_MISMATCH` and `X509_V_ERR_IP_ADDRESS_MISMATCH` of OpenSSL.
_OTHER_NAME: Final = frozenset({62, 64})


def fault_of(err: OSError) -> UnansweredError:
    """Return in our words why a flow cannot be opened, or has ended."""
    alert = alert_of(err)
    if is_about_ours(alert):
        return UnansweredError(Fault.OWN_CERTIFICATE_REFUSED, alert or "")
    match err:
        case ssl.SSLCertVerificationError(verify_code=code) if code in _OTHER_NAME:
            return UnansweredError(Fault.WRONG_NAME, err.verify_message)
        case ssl.SSLCertVerificationError():
            return UnansweredError(Fault.CERTIFICATE, err.verify_message)
        case ssl.SSLError():
            return UnansweredError(Fault.TLS, alert or type(err).__name__)
        case ConnectionRefusedError():
            return UnansweredError(Fault.REFUSED)
        case ConnectionError():
            return UnansweredError(Fault.CUT_OFF)
        case _:
            return UnansweredError(
                Fault.NO_ROUTE, err.strerror or errno.errorcode.get(err.errno or 0, "")
            )
