"""Two worlds that differ only in what strangers may not know, drawn at random and built whole.

Hidden values are those that a flag hides, everything of accounts that are not listed, and what
no public endpoint ever shows: drafts, logs, sessions, preferences, passwords.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import current_app
from hypothesis import strategies as st

from activity import Action, event_queue, record
from common.database.session import db
from common.media import remove_file
from profiles.accounts.models import RefreshToken, User
from profiles.models import ProfileDraft, StudentProfile, TutorProfile, UserSettings
from profiles.public.privacy import HIDEABLE, LISTED, ORIGINS, VALUE_COLUMNS, is_listed
from tests.database import Janitor

FIRST_ID = 1_000_001
REGISTERED_AT = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
# Few words, so that what one tutor hides another shows, and a search may find either.
WORDS = ("математика", "english", "квадрокоптер", "zabludowskyj", "gra na lutni", "c++")

_texts = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
_lists = st.lists(st.sampled_from(WORDS), max_size=2, unique=True)
_codes = st.lists(st.sampled_from(["uk", "en", "pl"]), max_size=2, unique=True)
_names = st.sampled_from(["Олена", "Jan", "Zabludowskyj", "Квадрокоптер"])

# Every stored value that the declaration reads, beside flags and keys.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "first_name": _names,
    "last_name": _names,
    "timezone": st.sampled_from(["Europe/Kyiv", "Europe/Warsaw"]),
    "email": st.sampled_from(WORDS).map(lambda word: word.replace(" ", ".")),
    "avatar_name": st.none() | st.sampled_from(["a", "b", "c"]),
    "headline": _texts,
    "bio": _texts | st.just("квадрокоптер " * 40),
    "subjects": _lists,
    "certifications": _lists,
    "languages": _codes,
    "hourly_rate": st.none() | st.sampled_from([0, 200, 300, 100_000]),
    "experience_years": st.none() | st.sampled_from([0, 3, 12]),
    "rating": st.none() | st.sampled_from([Decimal("3.50"), Decimal("4.92")]),
    "reviews_count": st.sampled_from([0, 3, 60]),
}
FLAGS = sorted(set(HIDEABLE.values()))
_KEYS = {"id", "registered_at", *FLAGS, *(column.key for column in LISTED)}
assert set(VALUES) == set(VALUE_COLUMNS) - _KEYS, "a new public field needs a strategy here"

PREFERENCES = st.fixed_dictionaries(
    {
        "dark_mode": st.booleans(),
        "notifications_enabled": st.booleans(),
        "ui_language": st.sampled_from(["uk", "en", "pl"]),
    }
)
# Why somebody may not be listed; None: the account was erased.
_ABSENCES = st.sampled_from(
    [None, {"is_active": False}, {"public_profile_enabled": False}, {"role": "student"}]
)


@dataclass
class Person:
    """One account of a world."""

    values: dict[str, Any]
    preferences: dict[str, Any]
    # Values that were stored, and public, before those above replaced them; None: there were none.
    once: dict[str, Any] | None = None
    exists: bool = True
    draft: dict[str, Any] | None = None
    has_log: bool = False


@dataclass(repr=False)
class Worlds:
    """The same public in two worlds."""

    one: list[Person] = field(default_factory=list)
    other: list[Person] = field(default_factory=list)

    def __repr__(self) -> str:
        """What they differ in, person by person."""
        pairs = zip(self.one, self.other, strict=True)
        lines = [f"{one}\n  or {other}" for one, other in pairs if one != other]
        return "\n".join([f"{len(self.one)} people, of whom differ:", *lines])

    def avatar_addresses(self) -> list[str]:
        """Every address at which an avatar was ever shown in either world."""
        shown = {
            values["avatar_name"]
            for person in (*self.one, *self.other)
            # Of an erased account only what was there before, if anything was.
            for values in (person.exists and person.values, person.once)
            if values
            and is_listed(values)
            and values["show_avatar_publicly"]
            and values["avatar_name"]
        }
        return [f"/media/{name}" for name in sorted(shown)]


def hidden_columns(flags: dict[str, bool]) -> set[str]:
    """The stored values of which the public sees nothing under these flags."""
    return {
        source.key
        for name, flag in HIDEABLE.items()
        if not flags[flag]
        for source in ORIGINS[name].sources
    }


@st.composite
def _private_parts(draw: st.DrawFn, values: dict[str, Any], exists: bool) -> Person:
    draft = draw(st.none() | st.fixed_dictionaries({"bio": _texts, "subjects": _lists}))
    return Person(
        values,
        draw(PREFERENCES),
        exists=exists,
        draft=draft and {"tutor_profile": draft},
        has_log=draw(st.booleans()),
    )


@st.composite
def _pairs(draw: st.DrawFn, number: int) -> tuple[Person, Person]:
    flags = {flag: draw(st.booleans()) for flag in FLAGS}
    seen = {**_listed(number), **flags, **draw(st.fixed_dictionaries(VALUES))}
    if draw(st.sampled_from([True, True, True, False])):
        return draw(_twins(seen, number))
    return draw(_absentee(number)), draw(_absentee(number))


@st.composite
def _twins(draw: st.DrawFn, values: dict[str, Any], number: int) -> tuple[Person, Person]:
    """Listed in both worlds, and different in each where the public cannot look."""
    pair = []
    for _ in range(2):
        mine = dict(values)
        for column in sorted(hidden_columns(values)):
            mine[column] = draw(VALUES[column])
        mark = "" if mine["show_avatar_publicly"] else "-unseen"
        pair.append(draw(_private_parts(_finished(mine, number, mark), True)))
    if draw(st.booleans()):
        # One world has forgotten what the other never knew.
        once = {**values, **draw(st.fixed_dictionaries(VALUES)), **dict.fromkeys(FLAGS, True)}
        pair[1].once = _finished(once, number, "-once")
        if not values["show_avatar_publicly"] and draw(st.booleans()):
            # Hidden as it was: the application itself must give the file another name.
            pair[1].values["avatar_name"] = pair[1].once["avatar_name"]
    return pair[0], pair[1]


@st.composite
def _absentee(draw: st.DrawFn, number: int) -> Person:
    """Not listed, for whatever reason, with whatever values."""
    absence = draw(_ABSENCES)
    values = {
        **_listed(number),
        **dict.fromkeys(FLAGS, True),
        **draw(st.fixed_dictionaries(VALUES)),
    }
    was_listed = draw(st.booleans())
    values = _finished(values, number, "-once" if was_listed else "-unseen")
    person = draw(_private_parts({**values, **(absence or {})}, absence is not None))
    if was_listed:
        person.once = values
    return person


def _listed(number: int) -> dict[str, Any]:
    # Some are registered at one and the same moment.
    registered_at = REGISTERED_AT + timedelta(minutes=number // 2)
    listed = {column.key: value for column, value in LISTED.items()}
    return {"id": FIRST_ID + 3 * number, "registered_at": registered_at, **listed}


def _finished(values: dict[str, Any], number: int, mark: str) -> dict[str, Any]:
    """With an email and a file of its owner's own; as in life, no name is ever used twice."""
    name = values["avatar_name"]
    return {
        **values,
        "email": f"{values['email']}{number}@example.org",
        "avatar_name": name and f"avatars/{name}-{number}{mark}.webp",
    }


@st.composite
def worlds(draw: st.DrawFn) -> Worlds:
    drawn = Worlds()
    for number in range(draw(st.integers(1, 5))):
        one, other = draw(_pairs(number))
        drawn.one.append(one)
        drawn.other.append(other)
    return drawn


def build(people: Iterable[Person], janitor: Janitor) -> None:
    """Make this world and no other, through the session as every writer does."""
    _sweep(janitor)
    people = deepcopy(list(people))
    for person in people:
        _add(person.once or person.values, person)
    db.session.commit()
    for person in people:
        if person.once is not None:
            _change(person.values, person.once)
            db.session.commit()
    for person in people:
        if not person.exists:
            db.session.delete(db.session.get_one(User, person.values["id"]))
        else:
            _leave_traces(person)
    db.session.commit()
    db.session.remove()


def _sweep(janitor: Janitor) -> None:
    db.session.remove()
    event_queue().drain()
    janitor.clean()
    for path in Path(current_app.config["MEDIA_DIR"]).rglob("*.webp"):
        path.unlink()


def _add(values: dict[str, Any], person: Person) -> None:
    user = _row(User, values, email_key=values["email"].casefold(), password_hash=str(uuid4()))
    db.session.add(user)
    db.session.flush()
    model = TutorProfile if values["role"] == "tutor" else StudentProfile
    db.session.add(_row(model, values, user_id=user.id))
    db.session.add(_row(UserSettings, {**values, **person.preferences}, user_id=user.id))
    _store_avatar(values)


def _row(model: Any, values: dict[str, Any], **more: Any) -> Any:
    columns = model.__mapper__.column_attrs.keys()
    return model(**{name: value for name, value in values.items() if name in columns}, **more)


def _change(values: dict[str, Any], once: dict[str, Any]) -> None:
    """From what was to what is."""
    if values["avatar_name"] != once["avatar_name"]:
        _store_avatar(values)
        if once["avatar_name"]:
            remove_file(once["avatar_name"])
    for model in (User, TutorProfile, UserSettings):
        row = db.session.get(model, values["id"])
        for name in model.__mapper__.column_attrs.keys():
            if row is not None and name in values and values[name] != once[name]:
                setattr(row, name, values[name])
    db.session.get_one(User, values["id"]).email_key = values["email"].casefold()


def _store_avatar(values: dict[str, Any]) -> None:
    if values["avatar_name"]:
        path = Path(current_app.config["MEDIA_DIR"]) / values["avatar_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a picture")


def _leave_traces(person: Person) -> None:
    """What an account has beside its profile."""
    user_id = person.values["id"]
    if person.draft is not None:
        db.session.add(ProfileDraft(user_id=user_id, data=person.draft, version=3))
    if person.has_log:
        record(Action.AUTH_LOGIN, user_id)
        token = RefreshToken(user_id=user_id, family_id=uuid4(), token_hash=uuid4().bytes)
        token.issued_at, token.expires_at = REGISTERED_AT, REGISTERED_AT
        db.session.add(token)
