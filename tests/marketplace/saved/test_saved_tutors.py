"""Tutors are saved, listed as cards and removed; who unlists is as if never saved."""

import pytest
from sqlalchemy import select, text

from activity.models import ActivityEvent
from common.database.session import db
from profiles.saved.models import MOST_SAVED_TUTORS
from tests.factories import PASSWORD, as_user, make_student, make_tutor, make_user
from tests.marketplace.saved.saver import TUTORS, Saver, set_listed


def test_saved_tutors_are_listed_as_their_cards_the_latest_first(client):
    saver = Saver(client)
    first, second = make_tutor(headline="Математика"), make_tutor(
        bio="Hidden", show_bio_publicly=False
    )
    saver.save(first.id)
    saver.save(second.id)
    page = saver.page()
    cards = [client.get(f"/api/marketplace/tutors/{each.id}/").json for each in (second, first)]
    assert page["results"] == cards
    assert (page["next"], page["previous"], page["next_cursor"]) == (None, None, None)
    assert page["has_more"] is False


def test_the_list_of_nobody_is_empty(client):
    assert Saver(client).page()["results"] == []


def test_saving_twice_changes_nothing(client):
    saver, first, second = Saver(client), make_tutor(), make_tutor()
    for tutor in (first, second, first):
        saver.save(tutor.id)
    assert saver.saved_ids() == [second.id, first.id]


def test_one_who_is_removed_and_saved_again_comes_first(client):
    saver, first, second = Saver(client), make_tutor(), make_tutor()
    saver.save(first.id)
    saver.save(second.id)
    saver.remove(first.id)
    assert saver.saved_ids() == [second.id]
    saver.save(first.id)
    assert saver.saved_ids() == [first.id, second.id]


@pytest.mark.parametrize("tutor_id", [0, 2_000_000_000, 2**31, 10**30])
def test_an_id_of_nobody_is_the_404_of_the_tutors_page_and_removed_without_complaint(
    client, tutor_id
):
    saver = Saver(client)
    refused = saver.save(tutor_id, 404)
    shown = client.get(f"/api/marketplace/tutors/{tutor_id}/").json
    assert {**refused, "instance": ""} == {**shown, "instance": ""}
    # What is beyond the range of ids is none.
    saver.remove(tutor_id, 204 if 0 < tutor_id < 2**31 else 404)


def test_who_is_not_listed_is_refused_as_nobody_is(client):
    saver = Saver(client)
    unlisted = [
        make_tutor(public_profile_enabled=False),
        make_tutor(is_active=False),
        make_student(),
        make_user("admin"),
    ]
    nobody = saver.save(2_000_000_000, 404)
    for user in unlisted:
        assert {**saver.save(user.id, 404), "instance": ""} == {**nobody, "instance": ""}


@pytest.mark.parametrize("path", ["x", "-1", "1.5", "٣"])
def test_what_is_no_id_is_not_found(client, path):
    Saver(client).save(path, 404)


@pytest.mark.parametrize("role", ["student", "tutor", "admin", "superadmin"])
def test_any_role_may_save_also_oneself(client, role):
    user = make_user(role)
    saver = Saver(client, user)
    tutor = user if role == "tutor" else make_tutor()
    saver.save(tutor.id)
    assert saver.saved_ids() == [tutor.id]


def test_nobody_sees_or_changes_what_another_saved(client):
    saver, other, tutor = Saver(client), Saver(client), make_tutor()
    saver.save(tutor.id)
    assert other.saved_ids() == []
    other.remove(tutor.id)
    assert saver.saved_ids() == [tutor.id]
    assert client.get(TUTORS).status_code == 401


def test_who_unlists_is_gone_and_stays_gone_when_listed_again(client):
    saver, tutor, other = Saver(client), make_tutor(), make_tutor()
    saver.save(tutor.id)
    saver.save(other.id)
    set_listed(tutor, False)
    assert saver.saved_ids() == [other.id]
    saver.save(tutor.id, 404)
    set_listed(tutor, True)
    assert saver.saved_ids() == [other.id]
    saver.save(tutor.id)
    assert saver.saved_ids() == [tutor.id, other.id]


def test_who_is_erased_is_gone(client):
    saver, tutor = Saver(client), make_tutor()
    saver.save(tutor.id)
    erased = as_user(client, tutor).delete("/api/me/", json={"password": PASSWORD})
    assert erased.status_code == 204
    assert saver.saved_ids() == []


def test_a_saved_tutors_changes_keep_it_saved_and_show_at_once(client):
    saver, tutor = Saver(client), make_tutor(headline="Old", bio="Now hidden")
    saver.save(tutor.id)
    owner = as_user(client, tutor)
    body = {"tutor_profile": {"headline": "New"}, "settings": {"show_bio_publicly": False}}
    assert owner.patch("/api/me/profile/", json=body).status_code == 200
    (card,) = saver.page()["results"]
    assert (card["headline"], card["bio"]) == ("New", None)


def test_pages_are_walked_both_ways_while_tutors_are_saved_and_removed(client):
    saver, tutors = Saver(client), [make_tutor() for _ in range(7)]
    for tutor in tutors:
        saver.save(tutor.id)
    newest_first = [tutor.id for tutor in reversed(tutors)]
    first = saver.page(page_size=3)
    assert first["has_more"] is True
    saver.remove(newest_first[1])
    saver.save(make_tutor().id)
    second = saver.page(page_size=3, cursor=first["next_cursor"])
    assert [card["id"] for card in second["results"]] == newest_first[3:6]
    third = saver.http.get(second["next"]).json
    assert [card["id"] for card in third["results"]] == newest_first[6:]
    assert third["next"] is None
    back = saver.http.get(third["previous"])
    assert [card["id"] for card in back.json["results"]] == newest_first[3:6]
    assert 'rel="prev"' in back.headers["Link"]


def test_a_cursor_of_anybody_else_is_refused(client):
    saver, other = Saver(client), Saver(client)
    for _ in range(2):
        saver.save(make_tutor().id)
    cursor = saver.page(page_size=1)["next_cursor"]
    assert other.page(400, cursor=cursor)["code"] == "invalid_cursor"
    assert saver.page(400, cursor="x")["code"] == "invalid_cursor"


@pytest.mark.parametrize("query", [{"page_size": 0}, {"page_size": 101}, {"search": "x"}])
def test_other_parameters_are_refused_by_name(client, query):
    assert [*Saver(client).page(422, **query)["errors"]["query"]] == [*query]


def test_no_cache_keeps_the_list(client):
    assert "no-store" in Saver(client).http.get(TUTORS).headers["Cache-Control"]


def test_at_most_so_many_are_saved_and_one_who_is_saved_may_be_saved_again(client, app):
    saver, tutors = Saver(client), [make_tutor() for _ in range(2)]
    saver.save(tutors[0].id)
    fill(saver, MOST_SAVED_TUTORS - 1)
    refused = saver.save(tutors[1].id, 409)
    assert refused["code"] == "saved_limit_reached"
    assert str(MOST_SAVED_TUTORS) in refused["detail"]
    saver.save(tutors[0].id)
    saver.save(2_000_000_000, 404)
    saver.remove(tutors[0].id)
    saver.save(tutors[1].id)


def fill(saver, number):
    """Save so many further tutors, who are made for it without a profile."""
    db.session.execute(
        text("""
            with made as (
                insert into users (email, email_key, password_hash, role, first_name, last_name,
                    timezone, registered_at)
                select 'x' || n, 'x' || n, '', 'tutor', 'X', 'Y', 'Europe/Kyiv', now()
                from generate_series(1, :number) n returning id
            ), listed as (
                insert into public_tutors (tutor_id, card, etag, score, registered_us, languages,
                    has_certifications)
                select id, '{"id":' || id || '}', '', 0, 0, '', false from made returning tutor_id
            )
            select count(*) from listed"""),
        {"number": number},
    )
    db.session.execute(
        text("""
            insert into saved_tutors (user_id, tutor_id, saved_at)
            select :saver, tutor_id, now() from public_tutors where etag = ''"""),
        {"saver": saver.user.id},
    )
    db.session.commit()


def test_saving_and_removing_is_in_the_savers_log_and_in_no_other(client):
    saver, tutor = Saver(client), make_tutor()
    saver.save(tutor.id)
    saver.save(tutor.id)
    saver.remove(tutor.id)
    saver.remove(tutor.id)
    rows = db.session.execute(
        select(
            ActivityEvent.user_id,
            ActivityEvent.action,
            ActivityEvent.entity_type,
            ActivityEvent.entity_id,
        )
        .where(ActivityEvent.action.startswith("tutor."))
        .order_by(ActivityEvent.timestamp)
    ).all()
    about = ("profile", str(tutor.id))
    assert [tuple(row) for row in rows] == [
        (saver.user.id, "tutor.saved", *about),
        (saver.user.id, "tutor.unsaved", *about),
    ]


def test_saving_is_limited_per_person_and_announced(client):
    saver, other, tutor = Saver(client), Saver(client), make_tutor()
    answers = [saver.http.put(f"{TUTORS}{tutor.id}/") for _ in range(61)]
    assert [answer.status_code for answer in answers] == [204] * 60 + [429]
    assert "RateLimit" in answers[0].headers
    other.save(tutor.id)
