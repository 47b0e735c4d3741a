"""What a search box offers while somebody types: public things, few, and never a hidden one."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_tutor
from tests.profiles.public.public_rows import change

ADDRESS = "/api/marketplace/suggestions/"


def suggested(client: FlaskClient, typed: str) -> list[dict[str, Any]]:
    answer = client.get(ADDRESS, query_string={"q": typed})
    assert answer.status_code == 200, answer.json
    results: list[dict[str, Any]] = answer.json["results"]
    assert len(results) <= 8
    for each in results:
        of_its_kind = {"subject": {"code"}, "tutor": {"id"}, "query": set()}[each["type"]]
        assert set(each) == {"type", "text"} | of_its_kind
    return results


def of_kind(client: FlaskClient, kind: str, typed: str) -> list[str]:
    return [each["text"] for each in suggested(client, typed) if each["type"] == kind]


@pytest.mark.parametrize(
    ("typed", "text"),
    [("мате", "Математика"), ("MATH", "Mathematics"), ("matem", "Matematyka")],
)
def test_a_subject_that_somebody_teaches_goes_by_its_name_in_any_language(
    app: Flask, client: FlaskClient, typed: str, text: str
) -> None:
    make_tutor(subjects=["Математика"])
    assert suggested(client, typed)[0] == {"type": "subject", "text": text, "code": "math"}


def test_a_subject_that_nobody_teaches_is_not_suggested(app: Flask, client: FlaskClient) -> None:
    make_tutor(subjects=["Хімія"])
    assert of_kind(client, "subject", "мате") == []


def test_tutors_go_by_the_beginnings_of_their_names_the_best_first(
    app: Flask, client: FlaskClient
) -> None:
    make_tutor(first_name="Олена", last_name="Шевчук")
    best = make_tutor(first_name="Олена", last_name="Шевченко", rating=5, reviews_count=40)
    make_tutor(first_name="Ганна", last_name="Шевчук", headline="Олена")
    assert of_kind(client, "tutor", "оле шев") == ["Олена Шевченко", "Олена Шевчук"]
    assert suggested(client, "шевче") == [
        {"type": "tutor", "text": "Олена Шевченко", "id": best.id}
    ]
    assert of_kind(client, "tutor", "евч") == []


def test_a_query_ends_as_headlines_and_subjects_do_the_commonest_first(
    app: Flask, client: FlaskClient
) -> None:
    make_tutor(headline="Уроки малювання", bio="Майстерня")
    make_tutor(headline="Уроки малювання", subjects=["Макраме"])
    assert of_kind(client, "query", "Уроки ма") == ["уроки малювання", "уроки макраме"]
    assert of_kind(client, "query", "малювання") == []
    assert of_kind(client, "query", "ма ") == []


def test_each_kind_has_its_share_and_there_are_eight_at_most(
    app: Flask, client: FlaskClient
) -> None:
    subjects = ["Математика", "Матура", "Вища математика", "Статистика"]
    for number in range(9):
        make_tutor(
            first_name="Матвій", subjects=subjects, headline=f"матеріал{'абвгґдеєж'[number]}"
        )
    kinds = [each["type"] for each in suggested(client, "мат")]
    assert len(kinds) == 8
    assert kinds == sorted(kinds, key=["subject", "tutor", "query"].index)
    assert {kinds.count("tutor"), kinds.count("query")} <= {2, 3}


@pytest.mark.parametrize("typed", ["", "  ", "!?", '"', "-", "'); drop table users; --", "@", "$щ"])
def test_nothing_typed_suggests_nothing(app: Flask, client: FlaskClient, typed: str) -> None:
    make_tutor(headline="Малювання")
    assert suggested(client, typed) == []


def test_no_q_is_nothing_typed_and_too_much_is_refused(app: Flask, client: FlaskClient) -> None:
    assert client.get(ADDRESS).json == {"results": []}
    assert client.get(ADDRESS, query_string={"q": "я" * 100}).status_code == 200
    answer = client.get(ADDRESS, query_string={"q": "я" * 101})
    assert (answer.status_code, list(answer.json["errors"]["query"])) == (422, ["q"])
    assert client.get(ADDRESS, query_string={"typed": "я"}).status_code == 422


def test_a_copy_holds_until_something_public_changes(app: Flask, client: FlaskClient) -> None:
    tutor = make_tutor(first_name="Матвій")
    first = client.get(ADDRESS, query_string={"q": "мат"})
    assert first.headers["Cache-Control"] == "no-cache"
    request = {"query_string": {"q": "мат"}, "headers": {"If-None-Match": first.headers["ETag"]}}
    assert client.get(ADDRESS, **request).status_code == 304
    change(tutor, first_name="Богдан")
    assert client.get(ADDRESS, **request).json == {"results": []}


@pytest.mark.parametrize("typed", ["квадр", "макр", "уроки квадр", "бо"])
@pytest.mark.parametrize("flag", ["show_subjects_publicly", "public_profile_enabled", "is_active"])
def test_what_is_hidden_is_not_suggested_nor_remembered(
    app: Flask, client: FlaskClient, flag: str, typed: str
) -> None:
    make_tutor(first_name="Ганна", headline="Уроки для дітей", subjects=["Хімія"])
    before = client.get(ADDRESS, query_string={"q": typed})
    tutor = make_tutor(
        first_name="Ганна" if flag.startswith("show") else "Богдана",
        headline="" if flag.startswith("show") else "Уроки квадрокоптера",
        subjects=["Макраме", "Уроки квадрокоптера"],
        bio="Богдана",
    )
    if flag.startswith("show") and typed == "бо":
        assert suggested(client, typed) == before.json["results"]
    else:
        assert suggested(client, typed) != before.json["results"]
    change(tutor, **{flag: False})
    after = client.get(ADDRESS, query_string={"q": typed})
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("vfntv", "subject", "Математика"),
        ("мath", "subject", "Mathematics"),
        ("c+", "query", "c++"),
        ("уроки C+", "query", "уроки c++"),
        ("vfk.dfy", "query", "малювання"),
        ("Bondar", "tutor", "Олена Бондаренко"),
        ("Olena Bon", "tutor", "Олена Бондаренко"),
        ("jktyf", "tutor", "Олена Бондаренко"),
        ("Кларк", "tutor", "Mary Clark"),
        ("connor", "tutor", "Mary O'Connor"),
    ],
)
def test_what_the_search_understands_is_understood_here_too(
    app: Flask, client: FlaskClient, typed: str, kind: str, text: str
) -> None:
    make_tutor(
        first_name="Олена",
        last_name="Бондаренко",
        headline="Уроки C++, малювання",
        subjects=["Математика"],
    )
    make_tutor(first_name="Mary", last_name="Clark", headline="")
    make_tutor(first_name="Mary", last_name="O'Connor", headline="")
    assert text in of_kind(client, kind, typed)
    assert of_kind(client, "tutor", "№") == []
