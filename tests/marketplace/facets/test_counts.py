"""Facets against a model that counts card by card, and against the list they lead to."""

import random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.facets.groups import EXPERIENCE_STEPS, MOST_BARS
from marketplace.facets.schemas import FacetsSchema
from profiles.public.privacy import dump_card
from profiles.subjects import label, subject_code
from tests.conftest import MakeApp
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.generated_tutors import (
    TutorValues,
    generate_tutors,
    generate_values,
    matches,
    parameters,
    random_query,
    store_tutors,
)
from tests.marketplace.list_requests import ADDRESS, get_page
from tests.marketplace.statement_log import StatementLog

FACETS = "/api/marketplace/facets/"
OWN = {
    "subjects": ("subject",),
    "languages": ("language",),
    "price": ("price_min", "price_max"),
    "experience": ("experience_min",),
    "has_certifications": ("has_certifications",),
}


# Searches, and the headline of all whom they find.
HEADLINES = {
    "репетитори ": "Репетитор",
    '"calm lessons"': "Calm lessons",
    '"репетитор"': "Репетитор",
    'lessons -"lessons calm"': "Calm lessons",
}


def get_facets(client: FlaskClient, **query: Any) -> Any:
    answer = client.get(FACETS, query_string=parameters(query) or None)
    assert answer.status_code == 200, answer.json
    return answer.json


def expected(tutors: list[TutorValues], query: dict[str, Any]) -> dict[str, Any]:
    """The counts, said again as plainly as Python can; bars aside."""
    cards = [dump_card(values) for values in tutors]
    sought = HEADLINES.get(query.get("search", ""))
    cards = [card for card in cards if sought is None or card["headline"] == sought]

    def left(group: str) -> list[Any]:
        others = {name: value for name, value in query.items() if name not in OWN[group]}
        return [card for card in cards if matches(card, others)]

    def tally(values: list[Any]) -> list[Any]:
        return sorted(((v, values.count(v)) for v in set(values)), key=lambda e: (-e[1], e[0]))

    subjects = [
        code for card in left("subjects") for code in {*map(subject_code, card["subjects"])}
    ]
    languages = [code for card in left("languages") for code in card["languages"]]
    rates = [c["hourly_rate"] for c in left("price") if c["hourly_rate"] is not None]
    years = [c["experience_years"] for c in left("experience")]
    certified = [bool(card["certifications"]) for card in left("has_certifications")]
    return {
        "subjects": [{"code": c, "label": label(c), "count": n} for c, n in tally(subjects)],
        "languages": [{"code": code, "count": n} for code, n in tally(languages)],
        "price": {"min": min(rates, default=None), "max": max(rates, default=None)},
        "experience": [
            {"min": least, "count": sum(y is not None and y >= least for y in years)}
            for least in EXPERIENCE_STEPS
        ],
        "has_certifications": {"true": certified.count(True), "false": certified.count(False)},
        "count_capped": False,
    }, rates


def check(client: FlaskClient, tutors: list[TutorValues], query: dict[str, Any]) -> None:
    answer = get_facets(client, **query)
    assert FacetsSchema().validate(answer) == {}
    model, rates = expected(tutors, query)
    bars = answer["price"].pop("histogram")
    assert answer == model
    for bar in bars:
        assert bar["count"] == sum(bar["from"] <= rate <= bar["to"] for rate in rates)
    assert sum(bar["count"] for bar in bars) == len(rates)
    assert len(bars) <= MOST_BARS
    # Bars of one width, each beginning where the last one ended.
    assert len({bar["to"] - bar["from"] for bar in bars}) <= 1
    assert all(one["to"] + 1 == next["from"] for one, next in zip(bars, bars[1:], strict=False))


@pytest.mark.parametrize("seed", range(3))
def test_facets_count_what_a_reader_of_all_cards_would_count(
    app: Flask, client: FlaskClient, seed: int
) -> None:
    tutors = generate_tutors(120, seed)
    store_tutors(tutors)
    chance = random.Random(seed)
    check(client, tutors, {})
    for _ in range(25):
        query = random_query(chance)
        query.pop("ordering", None)
        check(client, tutors, query)
        check(client, tutors, query | {"search": chance.choice([*HEADLINES])})


def test_a_facet_s_count_is_the_count_of_the_list_it_leads_to(
    app: Flask, client: FlaskClient
) -> None:
    store_tutors(generate_tutors(150, seed=8))
    for query in (
        {},
        {"language": ["uk"]},
        {"search": "репетитор"},
        {"search": "репетитор", "language": ["en"], "price_max": 300},
        {"q": "-репетитор", "subject": ["English", "math"]},
    ):
        facets = get_facets(client, **query)
        led = [
            *(("subject", [each["code"]], each["count"]) for each in facets["subjects"]),
            *(("language", [each["code"]], each["count"]) for each in facets["languages"]),
            *(("experience_min", each["min"], each["count"]) for each in facets["experience"]),
            ("has_certifications", True, facets["has_certifications"]["true"]),
            ("has_certifications", False, facets["has_certifications"]["false"]),
        ]
        for name, value, count in led:
            assert get_page(client, **{**query, name: value})["count"] == count, (
                query,
                name,
                value,
            )
        for bar in facets["price"]["histogram"]:
            others = {n: v for n, v in query.items() if not n.startswith("price")}
            ends = {"price_min": bar["from"], "price_max": bar["to"]}
            assert get_page(client, **others, **ends)["count"] == bar["count"]


def test_nobody_leaves_nothing_to_choose(app: Flask, client: FlaskClient) -> None:
    assert get_facets(client) == {
        "subjects": [],
        "languages": [],
        "price": {"min": None, "max": None, "histogram": []},
        "experience": [{"min": least, "count": 0} for least in EXPERIENCE_STEPS],
        "has_certifications": {"true": 0, "false": 0},
        "count_capped": False,
    }
    make_tutor(hourly_rate=0)
    assert get_facets(client)["price"] == {
        "min": 0,
        "max": 0,
        "histogram": [{"from": 0, "to": 0, "count": 1}],
    }


def test_a_subject_outside_the_catalogue_counts_under_its_own_normalised_text(
    app: Flask, client: FlaskClient
) -> None:
    chance = random.Random(1)
    store_tutors(
        [
            generate_values(chance, n)
            | {"subjects": [" МАКРАМЕ  з  Бісеру", "maths"], "show_subjects_publicly": True}
            for n in (11, 12)
        ]
    )
    own = "макраме з бісеру"
    assert get_facets(client)["subjects"] == [
        {"code": "math", "label": label("math"), "count": 2},
        {"code": own, "label": {"uk": own, "en": own, "pl": own}, "count": 2},
    ]
    assert get_page(client, subject=[own])["count"] == 2


@pytest.mark.parametrize(
    "query",
    [
        "price_min=9&price_max=3",
        "ordering=rating",
        "cursor=x",
        "page_size=5",
        "language=xx1",
        "colour=red",
        "price_min=-1",
    ],
)
def test_what_the_facets_do_not_know_is_refused(
    app: Flask, client: FlaskClient, query: str
) -> None:
    answer = client.get(f"{FACETS}?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json["errors"]["query"]


def test_facets_carry_a_validator_and_are_kept_until_a_listed_profile_changes(
    app: Flask, client: FlaskClient
) -> None:
    tutor = make_tutor(hourly_rate=300, languages=["uk"])
    first = client.get(f"{FACETS}?language=uk")
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    counted = StatementLog()
    again = client.get(f"{FACETS}?language=uk")
    held = client.get(f"{FACETS}?language=uk", headers={"If-None-Match": etag})
    # Each costs the revision.
    assert len(counted.stop()) == 2
    assert (again.data, again.headers["ETag"]) == (first.data, etag)
    assert (held.status_code, held.data, held.headers["ETag"]) == (304, b"", etag)
    hide = {"settings": {"public_profile_enabled": False}}
    assert as_user(client, tutor).patch("/api/me/profile/", json=hide).status_code == 200
    assert get_facets(client, language="uk")["languages"] == []
    gone = client.get(f"{FACETS}?language=uk", headers={"If-None-Match": etag})
    assert gone.status_code == 200


def test_without_bitmaps_filters_that_differ_in_one_group_share_the_counts_of_that_group(
    app: Flask, make_app: MakeApp
) -> None:
    store_tutors(generate_tutors(10))
    client = make_app(FILTER_INDEX=False).test_client()
    get_facets(client, language=["uk"], price_max=300)
    with client.application.app_context():
        counted = StatementLog()
        get_facets(client, language=["en"], price_max=300)
    changed = [text for text in counted.stop() if "grouping sets" in text]
    # Languages under the price were counted already; prices and the rest are counted anew.
    assert len(changed) == 2


def test_facets_without_a_search_cost_the_revision_alone(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(10))
    get_facets(client)
    counted = StatementLog()
    for query in ({"language": ["uk"]}, {"price_max": 300}, {"subject": ["nobody's"]}):
        get_facets(client, **query)
    assert len(counted.stop()) == 3


def test_anybody_may_count_but_not_with_a_broken_token(app: Flask, client: FlaskClient) -> None:
    store_tutors(generate_tutors(5))
    anonymous = client.get(FACETS)
    assert as_user(client, make_student()).get(FACETS).data == anonymous.data
    broken = client.get(FACETS, headers={"Authorization": "Bearer nonsense"})
    assert broken.status_code == 401
    assert client.get(FACETS.rstrip("/")).data == anonymous.data
    assert client.get(f"{ADDRESS}facets/").status_code == 404
