"""Mails to the owner of an account: their texts and when each is due. Sending lives in common/mail."""

from profiles.messages.kinds import MessageKind
from profiles.messages.sending import enqueue

__all__ = ["MessageKind", "enqueue"]
