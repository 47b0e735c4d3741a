"""Discards abandoned drafts, a few accounts at a time."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text

from activity import Action, record
from common.database.session import db

ACCOUNTS_AT_ONCE = 500

STALE = "data is not null and autosaved_at < :cut"
COUNT_STALE = text(f"select count(*) from profile_drafts where {STALE}")
FIND_STALE = text(
    f"select user_id from profile_drafts where {STALE} and user_id > :after"
    " order by user_id limit :accounts"
)
# In order, so that two purges never wait for each other in a circle.
LOCK_ACCOUNTS = text("select from users where id = any(:ids) order by id for no key update")
# Asked again under the locks: an owner may have come back in the meantime.
DISCARD = text(
    "update profile_drafts set data = null, autosaved_at = null, version = version + 1"
    f" where user_id = any(:ids) and {STALE} returning user_id, version - 1 as version"
)


def count_stale_drafts(cut: datetime) -> int:
    """How many drafts were last saved before `cut`."""
    return int(db.session.scalar(COUNT_STALE, {"cut": cut}) or 0)


def discard_stale_drafts(cut: datetime) -> Iterator[int]:
    """Discard drafts last saved before `cut` and record it in their owners' logs; commits every batch.

    Yields how many were discarded with each batch.
    """
    after = 0
    while True:
        found = {"cut": cut, "after": after, "accounts": ACCOUNTS_AT_ONCE}
        ids = db.session.scalars(FIND_STALE, found).all()
        if not ids:
            return
        after = ids[-1]
        db.session.execute(LOCK_ACCOUNTS, {"ids": ids})
        discarded = db.session.execute(DISCARD, {"ids": ids, "cut": cut}).all()
        for user_id, version in discarded:
            record(Action.PROFILE_AUTOSAVE_DISCARDED, user_id, metadata={"version": version})
        db.session.commit()
        yield len(discarded)
