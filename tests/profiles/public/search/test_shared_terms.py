"""Words, spellings and subjects are stored while some public row shows them, and no longer."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from common.database.session import db
from common.text import deletions
from profiles.accounts.models import User
from profiles.public.rebuilding.rebuild_all import rebuild_all
from profiles.public.search.sweep import sweep
from profiles.public.search.vocabulary import MAX_LETTERS, MAX_WORDS
from tests.factories import make_tutor
from tests.profiles.public.public_rows import change, shown_terms, stored_terms

SECRET = {
    "last_name": "Заблудовська",
    "headline": "Квадрокоптери",
    "bio": "Джмелярство в садку.",
    "subjects": ["Гусеничний стрій"],
}
SECRET_WORDS = {"заблудовська", "квадрокоптери", "джмелярство", "гусеничнии", "гусеничний"}


def erase(tutor: User) -> None:
    db.session.delete(db.session.get_one(User, tutor.id))
    db.session.commit()


def words() -> set[str]:
    return stored_terms()["words"]


@pytest.mark.parametrize(
    ("values", "gone"),
    [
        ({"show_bio_publicly": False}, {"джмелярство"}),
        ({"show_subjects_publicly": False}, {"гусеничний"}),
        ({"headline": "Моделі"}, {"квадрокоптери"}),
        ({"last_name": "Інша"}, {"заблудовська"}),
        ({"public_profile_enabled": False}, SECRET_WORDS),
        ({"is_active": False}, SECRET_WORDS),
        ({"role": "student"}, SECRET_WORDS),
    ],
)
def test_a_word_goes_with_the_last_row_that_shows_it(
    app: Flask, values: dict[str, Any], gone: set[str]
) -> None:
    make_tutor(headline="Моделі")
    before = stored_terms()
    tutor = make_tutor(**SECRET)
    assert gone & SECRET_WORDS & words() == gone & words() != set()
    change(tutor, **values)
    assert not gone & words()
    assert stored_terms() == shown_terms()
    erase(tutor)
    assert stored_terms() == before


def test_erasing_an_account_leaves_what_was_stored_before_it(app: Flask) -> None:
    make_tutor(headline="Моделі", subjects=["Музика"])
    before = stored_terms()
    erase(make_tutor(**SECRET))
    assert stored_terms() == before


def test_a_term_stays_while_another_row_shows_it(app: Flask) -> None:
    first, second = make_tutor(**SECRET), make_tutor(**SECRET | {"last_name": "Інша"})
    erase(first)
    assert "джмелярство" in words() and "заблудовська" not in words()
    assert stored_terms()["codes"] == {"гусеничний стрій"}
    change(second, subjects=[], bio="")
    assert "джмелярство" not in words()
    assert stored_terms()["codes"] == set()


def test_an_undone_erasure_keeps_what_is_shown(app: Flask) -> None:
    tutor = make_tutor(**SECRET)
    savepoint = db.session.begin_nested()
    db.session.delete(db.session.get_one(User, tutor.id))
    db.session.flush()
    savepoint.rollback()
    db.session.commit()
    assert "джмелярство" in words()
    assert stored_terms() == shown_terms()


def test_a_rolled_back_change_changes_no_terms(app: Flask) -> None:
    tutor = make_tutor(**SECRET)
    before = stored_terms()
    db.session.get_one(User, tutor.id).last_name = "Тимчасова"
    db.session.flush()
    db.session.rollback()
    assert stored_terms() == before


def test_words_in_many_rows_cost_no_more_to_remove_than_a_look_into_the_first_tier(
    app: Flask,
) -> None:
    tutors = [make_tutor(headline="Спільний заголовок") for _ in range(3)]
    db.session.execute(
        text("update public_search set tier = 2 where tutor_id = :id"), {"id": tutors[0].id}
    )
    db.session.commit()
    change(tutors[1], headline="Інше")
    change(tutors[2], headline="Інше")
    assert "спільний" in words()
    change(tutors[0], headline="Інше")
    assert "спільний" not in words()


def longest(letters: str) -> str:
    """A bio of different words of nine letters."""
    made = (
        f"{one}{two}{three}словечко"[:9] for one in letters for two in letters for three in letters
    )
    return " ".join(made)[:2000].rsplit(" ", 1)[0]


def test_a_profile_adds_no_more_than_so_many_words_and_spellings(app: Flask) -> None:
    before = stored_terms()
    tutor = make_tutor(
        headline=longest("абвгд")[:120],
        bio=longest("еєжзиі"),
        subjects=[longest("клмно")[50 * n : 50 * n + 50].strip() for n in range(20)],
    )
    added = {name: len(each - before[name]) for name, each in stored_terms().items()}
    assert added["words"] == MAX_WORDS
    assert added["spellings"] <= 29 * MAX_WORDS
    assert stored_terms() == shown_terms()
    change(tutor, bio="Коротко.")
    assert stored_terms() == shown_terms()
    change(tutor, bio=longest("еєжзиі"))
    erase(tutor)
    assert stored_terms() == before


def test_words_of_a_profile_with_too_many_do_not_depend_on_the_past(app: Flask) -> None:
    """A word beyond the bound counts for nobody, whoever showed it before."""
    short = " ".join(
        f"{one}{two}ша" for one in "абвгґдеєжзиіїйклмн" for two in "абвгґдеєжзиіїйклмн"
    )
    many = make_tutor(bio=f"{short} джмелярство")
    assert "джмелярство" not in words()
    never = stored_terms()
    other = make_tutor(bio="Джмелярство", last_name="Тестова-1", headline="")
    assert "джмелярство" in words()
    erase(other)
    assert stored_terms()["words"] == never["words"]
    assert many.id


def test_long_words_are_not_stored_and_none_has_many_spellings(app: Flask) -> None:
    make_tutor(bio=f"{'щ' * (MAX_LETTERS + 1)} {'ж' * MAX_LETTERS}", headline="")
    assert {word for word in words() if set(word) <= {"щ", "ж"}} == {"ж" * MAX_LETTERS}
    assert max(len(deletions("абвгґдеєжзиіїйклмнопрсту"[:n])) for n in range(1, 25)) == 29


acts = st.tuples(
    st.integers(0, 2),
    st.sampled_from(
        [
            {"bio": "слово спільне перше"},
            {"bio": "спільне друге слово", "headline": "спільне"},
            {"bio": ""},
            {"show_bio_publicly": False},
            {"show_bio_publicly": True},
            {"public_profile_enabled": False},
            {"public_profile_enabled": True},
            {"is_active": False},
            {"is_active": True},
            {"subjects": ["Спільне", "Математика"]},
            {"subjects": ["Перше"]},
            {"show_subjects_publicly": False},
            None,
        ]
    ),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(acts, max_size=14))
def test_after_any_history_the_terms_are_those_that_rows_show(
    app: Flask, history: list[tuple[int, dict[str, Any] | None]]
) -> None:
    tutors: list[User | None] = [
        make_tutor(first_name="Ім'я", last_name="Тестова") for _ in range(3)
    ]
    for number, values in history:
        tutor = tutors[number]
        if tutor is None:
            continue
        if values is None:
            erase(tutor)
            tutors[number] = None
        else:
            change(tutor, **values)
        assert stored_terms() == shown_terms()
    for tutor in filter(None, tutors):
        erase(tutor)


def test_writers_at_the_same_time_keep_the_terms_true_and_never_wait_in_a_circle(
    app: Flask,
) -> None:
    tutors = [make_tutor().id for _ in range(6)]
    texts = ["перше друге третє", "третє четверте пяте", "пяте шосте перше", ""]
    failures: list[BaseException] = []

    def write(number: int) -> None:
        with app.app_context():
            try:
                for turn in range(25):
                    chosen = texts[(number + turn * (number + 1)) % len(texts)]
                    subjects = chosen.split()[:2]
                    with suppress(OperationalError):
                        change(
                            db.session.get_one(User, tutors[number]), bio=chosen, subjects=subjects
                        )
                    db.session.remove()
            except BaseException as failure:
                failures.append(failure)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(tutors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert stored_terms() == shown_terms()


def test_a_sweep_deletes_what_no_row_shows_and_completes_what_rows_show(app: Flask) -> None:
    make_tutor(**SECRET)
    right = stored_terms()
    for statement in (
        "insert into public_words select 'колишнє' || n from generate_series(1, 300) n",
        "insert into public_words values ('колишнє')",
        "insert into public_spellings values ('колишн', 'колишнє'), ('джмелярств', 'джмелярство')",
        "insert into public_subjects (code) select 'колишній ' || n from generate_series(1, 300) n",
        "delete from public_spellings where word = 'заблудовська'",
        "delete from public_words where word = 'квадрокоптери'",
    ):
        db.session.execute(text(statement))
    db.session.commit()
    for _ in rebuild_all():
        pass
    deleted = sweep()
    assert stored_terms() == right
    assert len(deleted.words) == 301 and len(deleted.codes) == 300
    assert sweep() == type(deleted)()
