"""The commonest passwords, which guessers try first; nobody may set one."""

from functools import cache
from pathlib import Path

from common.text.spelling.keyboard_layout import latin_keys

LIST = Path(__file__).with_name("common_passwords.txt")
COMMENT = "# "


@cache
def common_passwords() -> frozenset[str]:
    """The list in lower case."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith(COMMENT))


def is_common_password(password: str) -> bool:
    """Whether the password, in any case and on either keyboard layout, is on the list."""
    lowered = password.casefold()
    return not common_passwords().isdisjoint({lowered, latin_keys(lowered)})
