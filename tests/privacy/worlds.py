"""Two worlds that differ only in what strangers may not know, drawn at random and built whole.

Each has a past of its own: what its people showed, hid, renamed or priced otherwise before.
Hidden values are those that a flag hides, everything of accounts that are not listed, and what
no public endpoint ever shows: drafts, logs, sessions, preferences, passwords.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from profiles.public.privacy import HIDEABLE, LISTED, ORIGINS, VALUE_COLUMNS, is_listed

FIRST_ID = 1_000_001
REGISTERED_AT = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
# More words than a correction considers, each one letter from a probe that is one letter from a
# word of WORDS and before it in the alphabet: whoever has shown them must not displace it for ever.
PROBE = "квадрокптер"
NEAR_WORDS = " ".join(
    near
    for place in range(6)
    for letter in "абвгежзийклмнп"
    if (near := PROBE[:place] + letter + PROBE[place + 1 :]) < "квадрокоптер"
)
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
# All that must be true for a value to show: its owner's switch, and for an email that it is verified.
OPENERS = {name: [each.key for each in ORIGINS[name].opened_by] for name in HIDEABLE}
FLAGS = sorted({opener for openers in OPENERS.values() for opener in openers})
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
    # What was stored, and perhaps public, before those above: replaced one by one, oldest first.
    past: list[dict[str, Any]] = field(default_factory=list)
    exists: bool = True
    draft: dict[str, Any] | None = None
    discards_draft: bool = False
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
            for values in (*([person.values] if person.exists else []), *person.past)
            if is_listed(values) and values["show_avatar_publicly"] and values["avatar_name"]
        }
        return [f"/media/{name}" for name in sorted(shown)]


def hidden_columns(flags: dict[str, bool]) -> set[str]:
    """The stored values of which the public sees nothing under these flags."""
    return {
        source.key
        for name, openers in OPENERS.items()
        if not all(flags[each] for each in openers)
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
        discards_draft=draw(st.booleans()),
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
        for openers in OPENERS.values():
            if len(openers) > 1 and not all(values[each] for each in openers):
                # Nor can the public see for which of several reasons it is hidden.
                mine[draw(st.sampled_from(openers))] = draw(st.booleans())
                if all(mine[each] for each in openers):
                    mine[openers[0]] = False
        mark = "" if mine["show_avatar_publicly"] else "-unseen"
        pair.append(draw(_private_parts(_finished(mine, number, mark), True)))
        # One world has forgotten what the other never knew.
        pair[-1].past = draw(_pasts(values, number))
    if pair[1].past and not values["show_avatar_publicly"] and draw(st.booleans()):
        # Hidden as it was: the application itself must give the file another name.
        pair[1].values["avatar_name"] = pair[1].past[-1]["avatar_name"]
    return pair[0], pair[1]


@st.composite
def _pasts(draw: st.DrawFn, values: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Up to three earlier states, most of them listed and showing everything."""
    past = []
    for step in range(draw(st.integers(0, 3))):
        flags = dict.fromkeys(FLAGS, True) | draw(
            st.just({}) | st.fixed_dictionaries({flag: st.booleans() for flag in FLAGS})
        )
        listed = {"public_profile_enabled": draw(st.sampled_from([True, True, False]))}
        drawn = draw(st.fixed_dictionaries(VALUES | {"bio": _texts | st.just(NEAR_WORDS)}))
        past.append(_finished({**values, **drawn, **flags, **listed}, number, f"-past-{step}"))
    return past


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
    finished = _finished(values, number, "-once" if was_listed else "-unseen")
    person = draw(_private_parts({**finished, **(absence or {})}, absence is not None))
    if was_listed:
        person.past = [*draw(_pasts(values, number)), finished]
    return person


def _listed(number: int) -> dict[str, Any]:
    # Some are registered at the same time.
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
