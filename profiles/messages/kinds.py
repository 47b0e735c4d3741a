"""The mails there are. Each has its texts in every language of `texts/`."""

from enum import StrEnum


class MessageKind(StrEnum):
    """What a mail says; the name of its texts."""

    PASSWORD_RESET = "password_reset"
    PASSWORD_CHANGED = "password_changed"
    VERIFY_EMAIL = "verify_email"
    # To the new mailbox.
    CONFIRM_NEW_EMAIL = "confirm_new_email"
    # To the old mailbox, with a link that undoes it.
    EMAIL_CHANGED = "email_changed"
    EMAIL_CHANGE_UNDONE = "email_change_undone"
    TWO_FACTOR_ENABLED = "two_factor_enabled"
    TWO_FACTOR_DISABLED = "two_factor_disabled"
    RECOVERY_CODE_USED = "recovery_code_used"


WITH_LINK = frozenset(
    {
        MessageKind.PASSWORD_RESET,
        MessageKind.VERIFY_EMAIL,
        MessageKind.CONFIRM_NEW_EMAIL,
        MessageKind.EMAIL_CHANGED,
    }
)
