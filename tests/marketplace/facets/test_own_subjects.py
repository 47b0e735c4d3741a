"""Subjects outside the catalogue: one facet for each, whose code is a value of the filter."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import make_tutor
from tests.marketplace.list_requests import get_ids


def subjects(client: FlaskClient) -> list[tuple[str, str, int]]:
    answer = client.get("/api/marketplace/facets/")
    return [(each["code"], each["label"]["uk"], each["count"]) for each in answer.json["subjects"]]


@pytest.mark.parametrize(
    ("written", "label"),
    [
        (["ІТТ", "ITT"], "itt"),
        (["1С", "1C", "1с"], "1c"),
        (["В2В", "B2B"], "b2b"),
        (["№1 Курс", "№1  курс"], "№1 курс"),
        (["Гончарство, ліплення"], "гончарство ліплення"),
        (["Соло\u00adспів"], "солоспів"),
        (["Об’єктив", "об”єктив"], "об'єктив"),
        (["Тема", "Tема"], "тема"),
    ],
)
def test_writings_that_look_the_same_are_one_facet_that_filters(
    app: Flask, client: FlaskClient, written: list[str], label: str
) -> None:
    tutors = [make_tutor(subjects=[each]).id for each in written]
    make_tutor(subjects=["Шахи"])
    assert (label, label, len(tutors)) in subjects(client)
    assert sorted(get_ids(client, subject=label)) == sorted(tutors)


def test_a_subject_of_nothing_visible_is_no_facet(app: Flask, client: FlaskClient) -> None:
    make_tutor(subjects=["\u2060\u200b"])
    assert subjects(client) == []


def test_a_facet_goes_with_the_last_tutor_who_shows_it(app: Flask, client: FlaskClient) -> None:
    make_tutor(subjects=["Бджільництво"], show_subjects_publicly=False)
    assert subjects(client) == []
