"""How many messages a mailbox can be made to get, whoever asks for them and in whichever way.

Two counts: messages that a request names the mailbox for, and messages that verify it as an
account's. Strangers see what is left of the first, so the second, which only an account's mailbox
has, must not be in it.
"""

from common.http.limits.rate_limit import has_room, spend_or_refuse
from profiles.accounts.login.device_cookie import device_of
from profiles.accounts.login.limits import digest_of, named_account

SETTING = "MAILBOX_LIMIT"


def named_mailbox() -> str:
    """The mailbox that the request's body names.

    A browser that has logged its account in before is counted by itself, so that no stranger
    keeps an owner from a new password.
    """
    account = named_account()
    device = device_of(account) if account else None
    return f"{_mailbox(account)}:{device}" if device else _mailbox(account)


def is_naming_none() -> bool:
    """Whether the body names no address: it is refused, and no mailbox gets anything."""
    return not named_account()


def has_room_for_mail(email: str) -> bool:
    """Whether the mailbox of an account may get one more message now, which is counted then."""
    return has_room(SETTING, _mailbox_to_verify(email))


def refuse_full_mailbox(email: str) -> None:
    """Count a message to the mailbox of an account. Raises LimitExceeded when it has got too many."""
    spend_or_refuse(SETTING, _mailbox_to_verify(email))


def _mailbox(account: str) -> str:
    return f"mailbox:{account}"


def _mailbox_to_verify(email: str) -> str:
    return f"mailbox-to-verify:{digest_of(email)}"
