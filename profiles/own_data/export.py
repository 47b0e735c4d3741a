"""Everything held about one person as one JSON document, streamed as it is read.

Only one part of the log is in memory at a time, and no transaction stays open while the client
reads.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import select

from activity.log.reading import event_document, iterate_events
from common.clock import isoformat, now
from common.database.session import db
from common.mail.outbox import waiting_mails
from common.media.files import media_url
from profiles.accounts.models import RefreshToken, User
from profiles.accounts.one_time_tokens.models import OneTimeToken
from profiles.accounts.schemas import describe_account
from profiles.accounts.two_factor.verification import recovery_codes_left
from profiles.editing.profile.document import to_document
from profiles.editing.profile.values import get_profile
from profiles.editing.snapshots.listing import SNAPSHOTS, snapshot_document
from profiles.models import ProfileDraft
from profiles.own_data.sections import read_sections
from profiles.saved.searches import saved_searches_of
from profiles.saved.tutors import saved_tutors_of

CHUNK_BYTES = 64 * 1024


def export(user: User) -> Iterator[bytes]:
    """The document in chunks of UTF-8. All but the lists is read before the first chunk."""
    head = _describe(user)
    user_id = user.id
    db.session.close()
    return _chunks(head, user_id)


def _chunks(head: dict[str, Any], user_id: int) -> Iterator[bytes]:
    yield orjson.dumps(head)[:-1]
    yield b',"snapshots":['
    yield from _joined(map(snapshot_document, iterate_events(user_id, SNAPSHOTS)))
    yield b'],"events":['
    yield from _joined(map(event_document, iterate_events(user_id)))
    yield b"]}"


def _joined(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The items of a JSON array, several to a chunk of about CHUNK_BYTES."""
    chunk, separator = bytearray(), b""
    for item in items:
        chunk += separator + orjson.dumps(item)
        separator = b","
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


def _describe(user: User) -> dict[str, Any]:
    profile = to_document(get_profile(user.id))
    return {
        "exported_at": isoformat(now()),
        "account": {
            **describe_account(user),
            "is_active": user.is_active,
            "registered_at": isoformat(user.registered_at),
            "two_factor_since": isoformat(user.two_factor_since) if user.two_factor_since else None,
            "recovery_codes_left": recovery_codes_left(user.id),
        },
        "profile": profile["tutor_profile"] or profile["student_profile"],
        "settings": profile["settings"],
        "draft": _draft(user),
        "avatar_url": media_url(user.avatar_name),
        "sessions": _sessions(user),
        **read_sections(user),
        "saved_tutors": _saved_tutors(user),
        "saved_searches": _saved_searches(user),
        "links": _links(user),
        "waiting_mails": _waiting_mails(user),
    }


def _draft(user: User) -> dict[str, Any] | None:
    draft = db.session.get(ProfileDraft, user.id)
    if draft is None or draft.data is None:
        return None
    saved_at = draft.autosaved_at
    return {
        "autosaved_at": isoformat(saved_at) if saved_at else None,
        "version": draft.version,
        "data": draft.data,
    }


def _links(user: User) -> list[dict[str, Any]]:
    """What was sent by mail and can still be used; never the tokens."""
    tokens = db.session.scalars(
        select(OneTimeToken)
        .where(OneTimeToken.user_id == user.id, OneTimeToken.expires_at > now())
        .order_by(OneTimeToken.issued_at, OneTimeToken.id)
    )
    return [
        {
            "purpose": token.purpose,
            "email": token.email,
            "issued_at": isoformat(token.issued_at),
            "expires_at": isoformat(token.expires_at),
        }
        for token in tokens
    ]


def _sessions(user: User) -> list[dict[str, Any]]:
    """Times of the refresh tokens that are still valid; never the tokens."""
    tokens = db.session.scalars(
        select(RefreshToken)
        .where(
            RefreshToken.user_id == user.id,
            RefreshToken.rotated_at.is_(None),
            RefreshToken.expires_at > now(),
        )
        .order_by(RefreshToken.issued_at, RefreshToken.id)
    )
    return [
        {
            "issued_at": isoformat(token.issued_at),
            "expires_at": isoformat(token.expires_at),
            "ip_address": token.ip_address,
            "user_agent": token.user_agent,
        }
        for token in tokens
    ]


def _saved_tutors(user: User) -> list[dict[str, Any]]:
    return [
        {"tutor_id": saved.tutor_id, "saved_at": isoformat(saved.saved_at)}
        for saved in saved_tutors_of(user.id)
    ]


def _saved_searches(user: User) -> list[dict[str, Any]]:
    return [
        {
            "id": str(search.id),
            "name": search.name,
            "query": search.query,
            "saved_at": isoformat(search.saved_at),
            "last_looked_at": isoformat(search.last_looked_at),
        }
        for search in saved_searches_of(user.id)
    ]


def _waiting_mails(user: User) -> list[dict[str, Any]]:
    """What is to be sent to whom; never the texts, whose links are for the mailbox's owner alone."""
    return [
        {
            "kind": mail.kind,
            "recipient": mail.recipient,
            "created_at": isoformat(mail.created_at),
        }
        for mail in waiting_mails(user.id)
    ]
