"""What OpenSSL says of a failure, whatever error of a library it hides in."""

import ssl
from typing import Final

#: How far back the causes of an error are looked through.
_LONGEST_CHAIN: Final = 8

#: TLS alerts (RFC 8446 section 6) by which a receiver says that it does not take our certificate.
_ABOUT_OURS: Final = (
    "CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNKNOWN_CA",
    "ALERT_ACCESS_DENIED",
)


def alert_of(err: BaseException | None) -> str | None:
    """Return OpenSSL's own name of the failure, wherever in the chain it stands."""
    chain = 0
    while err is not None and chain < _LONGEST_CHAIN:
        # aiohttp's errors are SSLErrors too, without a reason of their own.
        if isinstance(err, ssl.SSLError) and (reason := getattr(err, "reason", None)):
            return str(reason)
        inner = getattr(err, "os_error", None)
        err = inner if isinstance(inner, BaseException) else err.__cause__ or err.__context__
        chain += 1
    return None


def is_about_ours(alert: str | None) -> bool:
    """Tell whether the far end says by it that it does not take our certificate."""
    return alert is not None and any(name in alert for name in _ABOUT_OURS)
