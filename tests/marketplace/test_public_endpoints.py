"""What an owner hides is looked for through every public endpoint there is.

The declaration is walked, so that a new row tests itself: while a field is hidden, whatever it
holds, all endpoints answer the same bytes; once it is shown, at least one of them answers otherwise.
"""

from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ARRAY

from common.database.session import db
from common.text import tokens
from profiles.accounts.models import User
from profiles.models import UserSettings
from profiles.public.privacy import HIDEABLE, LISTED, ORIGINS
from tests.factories import make_tutor
from tests.marketplace.facets.test_counts import FACETS
from tests.marketplace.generated_tutors import ORDERINGS
from tests.marketplace.list_requests import ADDRESS

# An owner's own name for one and the same value is hidden and shown with it.
FIELDS = sorted({ORIGINS[name].sources: name for name in reversed(HIDEABLE)}.values())
SECRETS = ("zabludowskyj", "kvadrokopter", "")

Answer = tuple[int, bytes, tuple[tuple[str, str], ...]]
Answers = dict[str, Answer]


def questions(tutor_ids: list[int], words: list[str]) -> list[str]:
    """Every way to ask about these tutors and these words."""
    orderings = ["", *(f"&ordering={name}" for name in ORDERINGS if name)]
    filters = [
        "has_certifications=true",
        "has_certifications=false",
        "language=uk",
        "price_min=1&price_max=900",
        "experience_min=1",
        "subject=english",
    ]
    for word in words:
        filters += [
            f"subject={word}",
            f"subject=english,{word}",
            f"search={word}",
            f"q={word[:4]}",
            f"query=%22{word}%22",
            f"search=tutor -{word}",
            f"search=-{word}",
            f"search={word}&has_certifications=true",
        ]
    query = [f"{ADDRESS}?{each}" for each in filters]
    query += [
        f"{ADDRESS}?{each}{ordering}"
        for each in ("page_size=2", "has_certifications=true", f"subject={words[0]}")
        for ordering in orderings
    ]
    query += [f"{FACETS}?{each}" for each in ("", *filters)]
    query += [
        f"{ADDRESS}{tutor_id}/{endpoint}" for tutor_id in tutor_ids for endpoint in ("", "similar/")
    ]
    return [*query, ADDRESS]


def look(client: FlaskClient, urls: list[str]) -> Answers:
    """All answers with their headers, and those of its neighbouring pages."""
    answers: Answers = {}
    for url in urls:
        answer = client.get(url, headers={"X-Request-ID": "the-same"})
        answers[url] = (answer.status_code, answer.data, tuple(answer.headers))
        if answer.status_code == 200 and answer.is_json and "results" in answer.json:
            for neighbour in ("next", "previous"):
                if further := answer.json.get(neighbour):
                    there = client.get(further, headers={"X-Request-ID": "the-same"})
                    answers[further] = (there.status_code, there.data, tuple(there.headers))
    return answers


def differences(one: Answers, other: Answers) -> list[str]:
    return sorted(url for url in one.keys() | other.keys() if one.get(url) != other.get(url))


def store(tutor: User, column: Any, value: Any) -> None:
    """Change one stored value through the session, as every writer does."""
    home = db.session.get_one(column.class_, tutor.id)
    setattr(home, column.key, value)
    db.session.commit()
    db.session.remove()


_numbers = count(1)


def secret_value(column: Any, secret: str) -> Any:
    if column is User.email:
        return f"{secret or f'nobody{next(_numbers)}'}@example.org"
    if column is User.avatar_name:
        return f"{secret}.webp" if secret else None
    if isinstance(column.type, ARRAY):
        return [secret] if secret else []
    return f"tutor {secret}" if secret else ""


def bystanders() -> list[int]:
    return [
        make_tutor(headline="tutor", bio="Long enough to count.", hourly_rate=200).id,
        make_tutor(headline="tutor", subjects=["English"], certifications=["C2"], rating=4).id,
        make_tutor(languages=["uk"], experience_years=3).id,
    ]


@pytest.fixture
def tutor(app: Flask) -> User:
    return make_tutor(
        headline="tutor",
        hourly_rate=300,
        experience_years=5,
        languages=["uk"],
        rating=4.5,
        reviews_count=3,
    )


@pytest.mark.parametrize("field", FIELDS)
def test_while_hidden_no_endpoint_tells_one_value_from_another_and_shown_some_endpoint_does(
    app: Flask, client: FlaskClient, tutor: User, field: str
) -> None:
    origin = ORIGINS[field]
    urls = questions([tutor.id, *bystanders()], tokens(" ".join(SECRETS)))
    store(tutor, origin.flag, False)
    seen = []
    for secret in SECRETS:
        for column in origin.sources:
            store(tutor, column, secret_value(column, secret))
        seen.append(look(client, urls))
    for other in seen[1:]:
        assert differences(seen[0], other) == []
    for column in origin.sources:
        store(tutor, column, secret_value(column, SECRETS[0]))
    store(tutor, origin.flag, True)
    assert ADDRESS in differences(seen[0], look(client, urls))


@pytest.mark.parametrize("field", FIELDS)
def test_hiding_again_leaves_no_trace(
    app: Flask, client: FlaskClient, tutor: User, field: str
) -> None:
    origin = ORIGINS[field]
    urls = questions([tutor.id, *bystanders()], tokens(" ".join(SECRETS)))
    store(tutor, origin.flag, False)
    before = look(client, urls)
    for column in origin.sources:
        store(tutor, column, secret_value(column, SECRETS[0]))
    store(tutor, origin.flag, True)
    look(client, urls)
    store(tutor, origin.flag, False)
    assert differences(before, look(client, urls)) == []


@pytest.mark.parametrize("column", [column for column in LISTED if column is not User.role])
def test_who_is_not_listed_is_as_good_as_not_there(
    app: Flask, client: FlaskClient, column: Any
) -> None:
    others = bystanders()
    urls = questions(others, ["Prychepa", "english", "mytho"])
    before = look(client, urls)
    absent = make_tutor(
        **{column.key: False},
        last_name="Prychepa",
        headline="tutor",
        bio="mytho",
        subjects=["English", "mytho"],
        certifications=["mytho"],
        languages=["uk"],
        hourly_rate=250,
        experience_years=4,
        rating=5,
        reviews_count=9,
    )
    assert differences(before, look(client, urls)) == []
    assert client.get(f"{ADDRESS}{absent.id}/").status_code == 404


@pytest.mark.parametrize("column", [column for column in LISTED if column is not User.role])
def test_who_was_listed_leaves_no_trace(app: Flask, client: FlaskClient, column: Any) -> None:
    others = bystanders()
    urls = questions(others, ["Prychepa", "mytho"])
    before = look(client, urls)
    leaving = make_tutor(last_name="Prychepa", subjects=["mytho"], bio="mytho", hourly_rate=1)
    assert differences(before, look(client, urls)) != []
    store(leaving, column, False)
    assert differences(before, look(client, urls)) == []


def test_an_address_that_is_not_verified_shows_no_more_than_a_hidden_one(
    app: Flask, client: FlaskClient, tutor: User
) -> None:
    urls = questions([tutor.id, *bystanders()], ["verified", "example"])
    store(tutor, UserSettings.show_email_publicly, False)
    hidden = look(client, urls)
    store(tutor, User.email_verified, False)
    assert differences(hidden, look(client, urls)) == []
    store(tutor, UserSettings.show_email_publicly, True)
    assert differences(hidden, look(client, urls)) == []
    store(tutor, User.email_verified, True)
    assert ADDRESS in differences(hidden, look(client, urls))


def test_every_flag_of_the_settings_opens_a_field_or_the_listing() -> None:
    flags = {name for name in HIDEABLE.values()} | {column.key for column in LISTED}
    shown = [name for name in UserSettings.__mapper__.columns.keys() if name.startswith("show_")]
    assert set(shown) <= flags and "public_profile_enabled" in flags
