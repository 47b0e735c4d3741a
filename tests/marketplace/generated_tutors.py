"""Listed tutors, generated and stored fast; and what any list of them should hold,
said again as plainly as Python can."""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from psycopg2.extras import execute_values
from sqlalchemy import text

from common.database.session import db
from profiles.public.models import SORT_KEYS
from profiles.public.privacy import dump_card
from profiles.public.revision import renew_revision
from profiles.public.row import public_row
from profiles.public.score import score
from profiles.subjects import subject_code

FIRST_SEEN = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECTS = ("Математика", "English", "Fizyka", "Хімія", "Програмування", "Макраме")
LANGUAGES = ("uk", "en", "pl", "de")
ORDERINGS = (
    None,
    "rating",
    "-rating",
    "hourly_rate",
    "-hourly_rate",
    "experience_years",
    "-experience_years",
    "newest",
)

TutorValues = dict[str, Any]


def generate_values(chance: random.Random, tutor_id: int) -> TutorValues:
    """One tutor's stored values, out of few enough values that ties and empty ones abound."""
    return {
        "id": tutor_id,
        "registered_at": FIRST_SEEN + timedelta(minutes=chance.randrange(30)),
        "role": "tutor",
        "is_active": True,
        "public_profile_enabled": True,
        "email": f"generated{tutor_id}@example.org",
        "email_verified": True,
        "first_name": chance.choice(("Олена", "Jan", "Mary")),
        "last_name": f"Nr{tutor_id}",
        "timezone": "Europe/Kyiv",
        "avatar_name": None,
        "headline": chance.choice(("", "Репетитор", "Calm lessons")),
        "bio": chance.choice(("", "Готую до НМТ.")),
        "subjects": chance.sample(SUBJECTS, chance.randrange(4)),
        "certifications": chance.choice(([], ["C2"])),
        "languages": chance.sample(LANGUAGES, chance.randrange(3)),
        "hourly_rate": chance.choice((None, 0, 200, 200, 300, 450)),
        "experience_years": chance.choice((None, 0, 3, 3, 12)),
        "rating": chance.choice((None, 3.5, 4.92, 5.0)),
        "reviews_count": chance.choice((0, 4, 60)),
        "show_email_publicly": chance.random() < 0.3,
        "show_avatar_publicly": True,
        "show_certifications_publicly": chance.random() < 0.7,
        "show_subjects_publicly": chance.random() < 0.7,
        "show_bio_publicly": chance.random() < 0.7,
    }


def generate_tutors(size: int, seed: int = 1, first_id: int = 1_000_000) -> list[TutorValues]:
    chance = random.Random(seed)
    return [generate_values(chance, first_id + 3 * number) for number in range(size)]


def store_tutors(tutors: Iterable[TutorValues]) -> None:
    """Store accounts and public rows of the tutors, without the profiles behind them."""
    rows = [(values, public_row(values)) for values in tutors]
    listed = [row for _, row in rows if row is not None]
    insert(
        "users",
        [
            {
                "id": values["id"],
                "email": values["email"],
                "email_key": values["email"],
                "password_hash": "",
                "role": "tutor",
                "first_name": values["first_name"],
                "last_name": values["last_name"],
                "timezone": values["timezone"],
                "registered_at": values["registered_at"],
            }
            for values, _ in rows
        ],
    )
    insert("public_tutors", [row.values for row in listed])
    codes = sorted({code for row in listed for code in row.subject_codes})
    db.session.execute(
        text(
            "insert into public_subjects (code) select unnest(cast(:codes as text[])) on conflict do nothing"
        ),
        {"codes": codes},
    )
    ids = dict(db.session.execute(text("select code, id from public_subjects")).all())
    insert("public_search", [row.search | {"tier": 0} for row in listed])
    unsorted = ("card", "etag")
    insert(
        "public_tutor_subjects",
        [
            {name: value for name, value in row.values.items() if name not in unsorted}
            | {"subject_id": ids[code]}
            for row in listed
            for code in row.subject_codes
        ],
    )
    announce([values["id"] for values, _ in rows])


def delete_public(tutor_ids: Iterable[int]) -> None:
    """Delete the public rows of tutors, as if each were unlisted."""
    ids = list(tutor_ids)
    statement = text("delete from public_tutors where tutor_id = any(:ids)")
    db.session.execute(statement, {"ids": ids})
    announce(ids)


def announce(tutor_ids: Collection[int]) -> None:
    """Tell readers of public rows that a test has changed by itself, and commit."""
    renew_revision(db.session.connection(), tutor_ids)
    db.session.commit()


def insert(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    names = list(rows[0])
    cursor = db.session.connection().connection.cursor()
    execute_values(
        cursor,
        f"insert into {table} ({', '.join(names)}) values %s",
        [tuple(row[name] for name in names) for row in rows],
        page_size=1000,
    )


def expected_ids(tutors: Iterable[TutorValues], **query: Any) -> list[int]:
    """The ids a list should hold, in order."""
    shown = [(values, dump_card(values)) for values in tutors]
    matching = [(values, card) for values, card in shown if matches(card, query)]
    return [card["id"] for values, card in sorted(matching, key=sort_key(query.get("ordering")))]


def matches(card: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    rate, years = card["hourly_rate"], card["experience_years"]
    wanted = {subject_code(name) for name in query.get("subject", ())}
    return all(
        (
            not wanted or wanted & set(map(subject_code, card["subjects"])),
            "price_min" not in query or (rate is not None and rate >= query["price_min"]),
            "price_max" not in query or (rate is not None and rate <= query["price_max"]),
            "experience_min" not in query
            or (years is not None and years >= query["experience_min"]),
            not query.get("language") or set(query["language"]) & set(card["languages"]),
            "has_certifications" not in query
            or bool(card["certifications"]) == query["has_certifications"],
        )
    )


def sort_key(ordering: str | None) -> Any:
    def key(entry: tuple[TutorValues, Mapping[str, Any]]) -> tuple[Any, ...]:
        values, card = entry
        if ordering is None:
            return (-score(card), card["id"])
        if ordering == "newest":
            return (-values["registered_at"].timestamp(), card["id"])
        value = card[ordering.removeprefix("-")]
        if value is None:
            return (1, 0, card["id"])
        return (0, -value if ordering.startswith("-") else value, card["id"])

    return key


def random_query(chance: random.Random) -> dict[str, Any]:
    """Some filters, any ordering."""
    query: dict[str, Any] = {}
    if chance.random() < 0.5:
        query["subject"] = chance.sample((*SUBJECTS, "матеша", "Санскрит"), chance.randrange(1, 4))
    if chance.random() < 0.3:
        query["price_min"] = chance.choice((0, 1, 200, 300))
    if chance.random() < 0.3:
        query["price_max"] = chance.choice((300, 450, 2_147_483_647))
    if chance.random() < 0.3:
        query["experience_min"] = chance.choice((0, 3, 4, 50))
    if chance.random() < 0.4:
        query["language"] = chance.sample(LANGUAGES, chance.randrange(1, 3))
    if chance.random() < 0.3:
        query["has_certifications"] = chance.random() < 0.5
    ordering = chance.choice(ORDERINGS)
    return query if ordering is None else query | {"ordering": ordering}


def parameters(query: Mapping[str, Any]) -> dict[str, Any]:
    """The query as it goes into an address."""
    return {
        name: orjson.dumps(value).decode() if isinstance(value, bool) else value
        for name, value in query.items()
    }


__all__ = [
    "SORT_KEYS",
    "announce",
    "delete_public",
    "expected_ids",
    "generate_tutors",
    "parameters",
    "random_query",
    "store_tutors",
]
