"""What of a profile strangers get, and why they do not get the rest; for its owner. Pure."""

from typing import Any, NamedTuple

from common.translation import Message, lazy_gettext
from profiles.public.completeness import Completeness, completeness
from profiles.public.privacy import (
    LISTED,
    ORIGINS,
    ProfileValues,
    dump_card,
    is_listed,
)


class Reason(NamedTuple):
    """Why a profile is not listed: a stable name, and a sentence."""

    code: str
    detail: Message


# By the condition of being listed that does not hold.
REASONS: dict[str, Reason] = {
    "role": Reason("not_a_tutor", lazy_gettext("Only tutors are listed.")),
    "is_active": Reason("account_inactive", lazy_gettext("The account is not active.")),
    "public_profile_enabled": Reason(
        "public_profile_disabled",
        lazy_gettext("Your public profile is switched off in your settings."),
    ),
}


class Visibility(NamedTuple):
    """`card` is None while the profile is not listed, for the `reasons`. `hidden` names the fields of
    the card whose value a flag or a condition hides, `missing` those that have none."""

    card: dict[str, Any] | None
    listed: bool
    reasons: list[Reason]
    hidden: list[str]
    missing: list[str]
    completeness: Completeness


def _fields() -> tuple[str, ...]:
    """The fields of the card without those that only say again what an earlier one says."""
    names: dict[Any, str] = {}
    for name, origin in ORIGINS.items():
        names.setdefault(origin.sources, name)
    return tuple(names.values())


FIELDS = _fields()


def visibility(profile_values: ProfileValues) -> Visibility:
    """What strangers see of a tutor with these values. An unlisted one is judged as if listed."""
    card = dump_card(profile_values)
    listed = is_listed(profile_values)
    missing = [name for name in FIELDS if _is_unset(ORIGINS[name].read_unhidden(profile_values))]
    hidden = [name for name in FIELDS if _is_unset(card[name]) and name not in missing]
    return Visibility(
        card if listed else None,
        listed,
        [REASONS[each.key] for each, value in LISTED.items() if profile_values[each.key] != value],
        hidden,
        missing,
        completeness(card, hidden),
    )


def _is_unset(value: Any) -> bool:
    return value is None or value == []
