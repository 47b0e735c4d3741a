"""Failures and the documents that tell of them (RFC 9457): exceptions, codes, members and handlers. What a
valid response holds is in `schemas`."""
