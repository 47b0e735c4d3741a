"""Email addresses: their field, their form, and the key under which each is unique."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError

from common.http.schemas.fields import Text
from common.translation import lazy_gettext
from profiles.accounts.fields.text import has_invisible, without_invisible_ends
from profiles.accounts.models import LONGEST_EMAIL

LONGEST_LOCAL_PART = 64
LONGEST_DOMAIN = 253

# RFC 5322's dot-atom, and beyond ASCII any letter, mark or digit (RFC 6531).
LOCAL_SIGNS = set("!#$%&'*+-/=?^_`{|}~.")
DOMAIN_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def normal_email(email: str) -> str:
    """The address as it is stored and shown: NFC, without white space or invisible signs around."""
    return unicodedata.normalize("NFC", without_invisible_ends(email))


def email_key(email: str) -> str:
    """The key under which an address is unique: case-folded, its domain in ASCII (IDNA).

    Never fails, so that a log-in with a malformed address is treated as an unknown one.
    """
    local, _, domain = normal_email(email).rpartition("@")
    folded = unicodedata.normalize("NFC", local.casefold())
    return f"{folded}@{_ascii_domain(domain) or domain.casefold()}"


@lru_cache(maxsize=256)
def _ascii_domain(domain: str) -> str | None:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


def is_email(email: str) -> bool:
    """Whether the text is a valid address: RFC 5322 dot-atom or RFC 6531 letters, and a domain."""
    local, at, domain = email.rpartition("@")
    if not at or not 1 <= len(local) <= LONGEST_LOCAL_PART or len(email) > LONGEST_EMAIL:
        return False
    # IDNA drops such signs from a domain, so it would not refuse them.
    if has_invisible(email):
        return False
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    if not all(sign in LOCAL_SIGNS or unicodedata.category(sign)[0] in "LMN" for sign in local):
        return False
    ascii_domain = _ascii_domain(domain) or ""
    labels = ascii_domain.split(".")
    return (
        2 <= len(labels)
        and len(ascii_domain) <= LONGEST_DOMAIN
        and all(DOMAIN_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


class Email(Text):
    """An email address of at most 254 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=LONGEST_EMAIL, **kwargs)
        self.metadata = {"format": "email", **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        email = super()._deserialize(value, *args, **kwargs)
        # Length is checked before normalising, which is slow for long texts.
        self._validate(email)
        email = normal_email(email)
        if not is_email(email):
            raise ValidationError(lazy_gettext("Not a valid email address."))
        return email
