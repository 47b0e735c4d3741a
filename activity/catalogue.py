"""Every event name the server records, its metadata keys and its entity; the names clients may use.

This file is data: a new event is one line here and one call where it happens. A retired name
stays listed, since the log still holds it.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

LONGEST_ACTION = 100
LONGEST_ENTITY_TYPE = 50
LONGEST_ENTITY_ID = 64

# Two to five lower-case parts: `lesson.card.opened`.
CLIENT_ACTION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,4}")

# What only the server may say. A trailing `.*` reserves everything below the name.
RESERVED = (
    "profile.updated",
    "profile.snapshot",
    "profile.autosave",
    "profile.autosave.*",
    "settings.*",
    "avatar.*",
    "auth.*",
    "system.*",
    "activity.*",
)
RESERVED_BEGINNINGS = tuple(name[:-1] for name in RESERVED if name.endswith(".*"))
# Both as one pattern, for those who read the documentation by machine.
CLIENT_ACTION_PATTERN = "^(?!{})({})$".format(
    "|".join(
        re.escape(name[:-1]) if name.endswith(".*") else f"{re.escape(name)}$" for name in RESERVED
    ),
    CLIENT_ACTION.pattern,
)


class Action:
    """Names of the server's events; code writes these, never the strings."""

    AUTH_REGISTERED = "auth.registered"
    AUTH_LOGIN = "auth.login"
    AUTH_LOGIN_FAILED = "auth.login_failed"
    AUTH_LOGOUT = "auth.logout"
    AUTH_PASSWORD_CHANGED = "auth.password_changed"
    AUTH_PASSWORD_RESET_REQUESTED = "auth.password_reset_requested"
    AUTH_PASSWORD_RESET = "auth.password_reset"
    AUTH_EMAIL_VERIFIED = "auth.email_verified"
    AUTH_EMAIL_CHANGE_REQUESTED = "auth.email_change_requested"
    AUTH_EMAIL_CHANGED = "auth.email_changed"
    AUTH_EMAIL_CHANGE_UNDONE = "auth.email_change_undone"
    AUTH_SESSIONS_ENDED = "auth.sessions_ended"
    AUTH_TWO_FACTOR_ENABLED = "auth.two_factor_enabled"
    AUTH_TWO_FACTOR_DISABLED = "auth.two_factor_disabled"
    AUTH_RECOVERY_CODE_USED = "auth.recovery_code_used"
    AUTH_REFRESH_REUSED = "auth.refresh_reused"
    PROFILE_SNAPSHOT = "profile.snapshot"
    PROFILE_UPDATED = "profile.updated"
    PROFILE_AUTOSAVE = "profile.autosave"
    PROFILE_AUTOSAVE_DISCARDED = "profile.autosave.discarded"
    PROFILE_AUTOSAVE_PUBLISHED = "profile.autosave.published"
    PROFILE_VIEWED = "profile.viewed"
    SETTINGS_UPDATED = "settings.updated"
    AVATAR_UPLOADED = "avatar.uploaded"
    AVATAR_DELETED = "avatar.deleted"
    MARKETPLACE_SEARCH = "marketplace.search"
    MARKETPLACE_FILTER_APPLIED = "marketplace.filter.applied"
    MARKETPLACE_SORT_CHANGED = "marketplace.sort.changed"
    TUTOR_SAVED = "tutor.saved"
    TUTOR_UNSAVED = "tutor.unsaved"
    SEARCH_SAVED = "search.saved"
    SEARCH_DELETED = "search.deleted"
    TRIGGER_RATE_LIMITED = "activity.trigger.rate_limited"


METADATA_KEYS = MappingProxyType(
    {
        Action.AUTH_REGISTERED: ("role",),
        Action.AUTH_LOGIN: (),
        Action.AUTH_LOGIN_FAILED: ("count",),
        Action.AUTH_LOGOUT: (),
        Action.AUTH_PASSWORD_CHANGED: (),
        Action.AUTH_PASSWORD_RESET_REQUESTED: (),
        Action.AUTH_PASSWORD_RESET: (),
        Action.AUTH_EMAIL_VERIFIED: (),
        Action.AUTH_EMAIL_CHANGE_REQUESTED: (),
        Action.AUTH_EMAIL_CHANGED: (),
        Action.AUTH_EMAIL_CHANGE_UNDONE: (),
        Action.AUTH_SESSIONS_ENDED: ("count",),
        Action.AUTH_TWO_FACTOR_ENABLED: (),
        Action.AUTH_TWO_FACTOR_DISABLED: (),
        Action.AUTH_RECOVERY_CODE_USED: ("remaining",),
        Action.AUTH_REFRESH_REUSED: (),
        Action.PROFILE_SNAPSHOT: ("before", "restored_from"),
        Action.PROFILE_UPDATED: ("changes",),
        Action.PROFILE_AUTOSAVE: ("sections", "fields", "version"),
        Action.PROFILE_AUTOSAVE_DISCARDED: ("version",),
        Action.PROFILE_AUTOSAVE_PUBLISHED: ("sections", "fields", "version"),
        Action.PROFILE_VIEWED: ("tutor_id", "query_id", "position"),
        Action.SETTINGS_UPDATED: ("before", "after"),
        Action.AVATAR_UPLOADED: ("avatar_url", "file_size"),
        Action.AVATAR_DELETED: ("previous_url",),
        Action.MARKETPLACE_SEARCH: ("query", "filters", "result_count"),
        Action.MARKETPLACE_FILTER_APPLIED: ("filters", "result_count"),
        Action.MARKETPLACE_SORT_CHANGED: ("ordering",),
        Action.TUTOR_SAVED: ("tutor_id",),
        Action.TUTOR_UNSAVED: ("tutor_id",),
        Action.SEARCH_SAVED: ("search_id", "name", "query"),
        Action.SEARCH_DELETED: ("search_id",),
        Action.TRIGGER_RATE_LIMITED: ("limit",),
    }
)


class Entity(NamedTuple):
    """What an event is about: its `entity_type`, and where its `entity_id` comes from.

    `id_from` is "user" (whose event it is), a key of the metadata, or None for no id.
    """

    type: str
    id_from: Literal["user", "tutor_id", "search_id"] | None


# By the whole name of an action, else by its first part.
ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        "activity": Entity("activity", None),
        "auth": Entity("account", "user"),
        "avatar": Entity("avatar", "user"),
        "marketplace": Entity("marketplace", None),
        "profile": Entity("profile", "user"),
        Action.PROFILE_VIEWED: Entity("profile", "tutor_id"),
        "search": Entity("saved_search", "search_id"),
        "settings": Entity("settings", "user"),
        "tutor": Entity("profile", "tutor_id"),
    }
)


def entity_of(
    action: str, user_id: int | None, metadata: Mapping[str, Any]
) -> tuple[str, str | None]:
    """`entity_type` and `entity_id` of one of the server's events."""
    entity = ENTITIES.get(action) or ENTITIES[action.partition(".")[0]]
    identity = user_id if entity.id_from == "user" else metadata.get(entity.id_from or "")
    return entity.type, None if identity is None else str(identity)


def is_reserved(action: str) -> bool:
    """Whether only the server may record `action`."""
    return action in RESERVED or action.startswith(RESERVED_BEGINNINGS)


def is_client_action(action: str) -> bool:
    """Whether `action` has the shape of a name that clients may invent."""
    return len(action) <= LONGEST_ACTION and CLIENT_ACTION.fullmatch(action) is not None
