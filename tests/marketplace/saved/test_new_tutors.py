"""How many tutors are new to a saved search: those of the list who registered since."""

import random
from datetime import datetime, timedelta

import pytest

from common.clock import now
from common.database.session import db
from marketplace.saved.new_tutors import COUNTED_UP_TO, count_new, read_horizon
from marketplace.saved.query import read_saved_query
from profiles.accounts.models import User
from profiles.models import UserSettings
from tests.factories import make_tutor
from tests.marketplace.generated_tutors import FIRST_SEEN, generate_values, store_tutors
from tests.marketplace.saved.saver import Saver, set_listed

QUERIES = [
    "",
    "subject=math",
    "subject=math,english,макраме",
    "price_max=300",
    "price_min=200&price_max=300&experience_min=3",
    "language=uk,en",
    "has_certifications=true&subject=fizyka",
    "search=репетитор",
    "search=НМТ&subject=math&ordering=-rating",
    'search="calm lessons"',
    "search=-репетитор",
    "search=олена -calm",
    "search=nobodyhasthis",
    "subject=nobody teaches this",
]


def registered(tutor, at):
    db.session.get_one(User, tutor.id).registered_at = at
    db.session.commit()


def test_tutors_who_register_later_and_are_found_are_new(client):
    saver = Saver(client)
    make_tutor(subjects=["Математика"])
    search_id = saver.search("subject=math")["id"]
    assert saver.searches()[0]["new_count"] == 0
    make_tutor(subjects=["Математика"])
    make_tutor(subjects=["Фізика"])
    make_tutor(subjects=["Математика"], public_profile_enabled=False)
    assert saver.searches()[0]["new_count"] == 1
    saver.look(search_id)
    assert saver.searches()[0]["new_count"] == 0


def test_each_search_counts_from_its_own_time(client):
    saver = Saver(client)
    early = saver.search("")["id"]
    make_tutor()
    late = saver.search("")["id"]
    make_tutor()
    counts = {each["id"]: each["new_count"] for each in saver.searches()}
    assert counts == {early: 2, late: 1}


def test_a_tutor_registered_at_the_very_moment_of_a_look_is_not_new(client):
    tutor, moment = make_tutor(), now() + timedelta(minutes=1)
    registered(tutor, moment)
    query = read_saved_query("")
    assert count_new(query, moment, read_horizon()) == 0
    assert count_new(query, moment - timedelta(microseconds=1), read_horizon()) == 1


def test_one_who_is_hidden_or_unlisted_is_not_counted_by_it(client):
    saver = Saver(client)
    tutor = make_tutor(bio="Секретне слово", subjects=["Математика"])
    assert saver.new_count("search=секретне") == saver.new_count("subject=math") == 1
    shown = db.session.get_one(UserSettings, tutor.id)
    shown.show_bio_publicly = shown.show_subjects_publicly = False
    db.session.commit()
    assert saver.new_count("search=секретне") == saver.new_count("subject=math") == 0
    assert saver.new_count("") == 1
    set_listed(tutor, False)
    assert saver.new_count("") == 0


@pytest.mark.parametrize("query", QUERIES)
def test_the_count_is_that_of_the_list_where_all_tutors_are_new(client, app, query):
    chance = random.Random(7)
    store_tutors([generate_values(chance, 1000 + number) for number in range(60)])
    listed = client.get(f"/api/marketplace/tutors/?{query}").json["count"]
    typed = read_saved_query(query)
    assert count_new(typed, FIRST_SEEN - timedelta(days=1), read_horizon()) == listed
    later = FIRST_SEEN + timedelta(minutes=15)
    after = count_new(typed, later, read_horizon())
    assert after == len(
        [card for card in all_cards(client, query) if registered_at(card["id"]) > later]
    )


def all_cards(client, query):
    page = client.get(f"/api/marketplace/tutors/?{query}&page_size=100").json
    assert not page["has_more"]
    return page["results"]


def registered_at(tutor_id) -> datetime:
    moment = db.session.get_one(User, tutor_id).registered_at
    db.session.rollback()
    return moment


def test_a_count_ends_at_its_cap(client, app):
    chance = random.Random(8)
    store_tutors([generate_values(chance, 1000 + number) for number in range(COUNTED_UP_TO + 20)])
    saver = Saver(client)
    assert saver.new_count("") == COUNTED_UP_TO


def test_only_the_latest_registered_are_considered(client, app):
    for number in range(8):
        tutor = make_tutor(headline="Математика")
        registered(tutor, FIRST_SEEN + timedelta(days=number))
    before_all = FIRST_SEEN - timedelta(days=1)
    for query in ("", "search=математика", "price_max=100"):
        everybody = count_new(read_saved_query(query), before_all, read_horizon())
        latest = count_new(read_saved_query(query), before_all, read_horizon(considered=5))
        assert (everybody, latest) == ((0, 0) if "price" in query else (8, 5))
