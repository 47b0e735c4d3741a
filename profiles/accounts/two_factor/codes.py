"""Codes: those of an authenticator (TOTP, RFC 6238) and those for the day it is lost."""

import hashlib
import re
import secrets
from hmac import compare_digest

import pyotp

from common.clock import now

# Authenticators show it above the account's address.
ISSUER = "Tutor marketplace"
STEP_SECONDS = 30
# RFC 6238 §5.2: one step for the clocks' difference and the time it takes to type.
STEPS_AROUND = 1
TOTP = re.compile(r"[0-9]{6}")
SEPARATORS = re.compile(r"[\s-]+")

RECOVERY_CODES = 10
# Nothing that is read as another: no 0 and o, no 1, i and l.
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP_LETTERS = 4, 4
LONGEST_CODE = 64


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 §4 recommends for HMAC-SHA-1."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, email: str) -> str:
    """The `otpauth:` address that authenticators read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def matching_step(secret: str, code: str, after: int) -> int | None:
    """The time step whose code `code` is, among the present one and its neighbours later than
    `after`; None when it is no such code."""
    if not TOTP.fullmatch(code):
        return None
    generator, present = pyotp.TOTP(secret, interval=STEP_SECONDS), current_step()
    found = None
    for step in range(present - STEPS_AROUND, present + STEPS_AROUND + 1):
        # No early return: the time does not show which step was right.
        if compare_digest(generator.generate_otp(step), code) and step > after and found is None:
            found = step
    return found


def current_step() -> int:
    return int(now().timestamp()) // STEP_SECONDS


def normal_code(code: str) -> str:
    """A code as it is compared: people and authenticators put spaces and hyphens into it."""
    return SEPARATORS.sub("", code).lower()


def new_recovery_code() -> str:
    """79 random bits, in groups that can be copied by hand: `7kqm-x2dp-9wvb-h4tz`."""
    return "-".join(
        "".join(secrets.choice(ALPHABET) for _ in range(GROUP_LETTERS)) for _ in range(GROUPS)
    )


def hash_of_recovery_code(user_id: int, code: str) -> bytes:
    """What is stored of a recovery code, however it is written."""
    # The code is random, so a plain hash cannot be inverted by guessing.
    return hashlib.sha256(f"{user_id}:{normal_code(code)}".encode()).digest()
