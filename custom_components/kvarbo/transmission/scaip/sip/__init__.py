"""A small SIP user agent: MESSAGE both ways, OPTIONS and REGISTER (RFC 3261, RFC 3428)."""
