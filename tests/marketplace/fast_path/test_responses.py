"""What is answered before Flask is, byte for byte and header for header, what Flask would say."""

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from activity import event_queue
from common.app import MarketplaceApp
from tests.activity.events import visits
from tests.conftest import MakeApp
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS
from tests.marketplace.statement_log import StatementLog

FACETS = "/api/marketplace/facets/"
ADDRESSES = [
    ADDRESS,
    ADDRESS.rstrip("/"),
    f"{ADDRESS}?page_size=5&ordering=newest",
    f"{ADDRESS}?language=uk&price_max=400&ordering=-rating",
    f"{ADDRESS}?search=%D0%BC%D0%B0%D1%82%D0%B5%D0%BC&page_size=3",
    f"{ADDRESS}?search=%D1%89%D0%BE%D1%81%D1%8C",
    f"{ADDRESS}1000000/",
    f"{ADDRESS}1000000",
    f"{ADDRESS}1000000/similar/",
    f"{FACETS}?has_certifications=true",
]


class FastPathSwitch:
    """Counts who answers."""

    def __init__(self, app: Flask) -> None:
        assert isinstance(app, MarketplaceApp)
        self.app, self.fast_paths = app, app.fast_paths
        self.answered = 0

    def count(self) -> None:
        def counted(environ: Any, start: Any) -> Any:
            answers = (fast_path(environ, start) for fast_path in self.fast_paths)
            answer = next((each for each in answers if each is not None), None)
            self.answered += answer is not None
            return answer

        self.app.fast_paths = [counted]

    def turn_off(self) -> None:
        self.app.fast_paths = []

    def restore(self) -> None:
        self.app.fast_paths = self.fast_paths


@pytest.fixture
def switch(app: Flask) -> Any:
    switch = FastPathSwitch(app)
    switch.count()
    yield switch
    switch.restore()


def ask(client: FlaskClient, address: str, **headers: str) -> tuple[int, bytes, Any]:
    sent = {"X-Request-ID": "same", "Origin": "http://localhost:5173"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    answer = client.get(address, headers=sent)
    return answer.status_code, answer.data, sorted(answer.headers)


@pytest.mark.parametrize("address", ADDRESSES)
def test_both_answer_alike_with_and_without_a_copy(
    app: Flask, client: FlaskClient, switch: FastPathSwitch, address: str
) -> None:
    store_tutors(generate_tutors(40))
    etag = client.get(address).headers["ETag"]
    quick = [ask(client, address), ask(client, address, If_None_Match=etag)]
    assert switch.answered >= 1
    switch.turn_off()
    assert [ask(client, address), ask(client, address, If_None_Match=etag)] == quick
    assert [status for status, _, _ in quick] == [200, 304]


@pytest.mark.parametrize("address", ADDRESSES)
def test_whatever_is_not_plain_is_left_to_the_views(
    app: Flask, client: FlaskClient, switch: FastPathSwitch, address: str
) -> None:
    store_tutors(generate_tutors(3))
    etag = client.get(address).headers["ETag"]
    client.get(address, headers={"If-None-Match": etag})
    before = switch.answered
    for odd in (f"W/{etag}", "*", f'"other", {etag}'):
        assert ask(client, address, If_None_Match=odd)[0] == 304
    assert as_user(client, make_student()).get(address).status_code == 200
    assert client.get(address, headers={"Authorization": "Bearer x"}).status_code == 401
    assert client.head(address).status_code == 200
    assert switch.answered == before


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("condition", ["garbage", '"a', '"a"' * 4000, '"a"', "*"])
def test_a_condition_of_writes_is_judged_alike_at_every_path(
    app: Flask, client: FlaskClient, switch: FastPathSwitch, address: str, condition: str
) -> None:
    store_tutors(generate_tutors(3))
    etag = client.get(address).headers["ETag"]
    given = [{"If-Match": condition}, {"If-Match": condition, "If-None-Match": etag}]
    quick = [client.get(address, headers=headers).status_code for headers in given]
    switch.turn_off()
    assert [client.get(address, headers=headers).status_code for headers in given] == quick
    assert quick == ([200, 304] if condition in {'"a"', "*"} else [400, 400])


def test_quick_answers_are_counted_as_others_are(
    app: Flask, client: FlaskClient, switch: FastPathSwitch
) -> None:
    store_tutors(generate_tutors(5))
    for address in (f"{ADDRESS}?price_min=0&ordering=newest&page_size=9", f"{ADDRESS}1000000/"):
        etag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        switch.turn_off()
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        switch.count()
    assert switch.answered == 4
    event_queue().drain()
    # Each was asked for thrice.
    assert visits() == {
        ("marketplace.filter.applied", ""): 3,
        ("marketplace.sort.changed", ""): 3,
        ("profile.viewed", "1000000"): 3,
    }


def test_somebody_hidden_is_gone_with_the_next_request(
    app: Flask, client: FlaskClient, switch: FastPathSwitch
) -> None:
    tutor = make_tutor(subjects=["Math"], bio="Words")
    other = make_tutor(subjects=["Math"])
    addresses = [
        ADDRESS,
        f"{ADDRESS}?subject=math",
        f"{ADDRESS}{tutor.id}/",
        f"{ADDRESS}{other.id}/similar/",
        FACETS,
    ]
    etags = {address: client.get(address).headers["ETag"] for address in addresses}
    for address in addresses:
        assert ask(client, address, If_None_Match=etags[address])[0] == 304
    hide = {"settings": {"public_profile_enabled": False}}
    assert as_user(client, tutor).patch("/api/me/profile/", json=hide).status_code == 200
    answers = [ask(client, address, If_None_Match=etags[address]) for address in addresses]
    assert [status for status, _, _ in answers] == [200, 200, 404, 200, 200]
    assert not any(b"Words" in body for _, body, _ in answers)


def test_an_untrusted_host_is_refused_at_every_path(make_app: MakeApp, app: Flask) -> None:
    store_tutors(generate_tutors(2))
    client = make_app(TRUSTED_HOSTS="localhost").test_client()
    for address in (ADDRESS, f"{ADDRESS}1000000/", FACETS):
        assert [client.get(address).status_code for _ in range(2)] == [200, 200]
        for _ in range(2):
            assert client.get(address, base_url="http://evil.example").status_code == 400


def test_a_service_that_names_its_hosts_is_no_slower(make_app: MakeApp, app: Flask) -> None:
    store_tutors(generate_tutors(2))
    naming = make_app(TRUSTED_HOSTS="localhost")
    switch = FastPathSwitch(naming)
    switch.count()
    for address in (ADDRESS, f"{ADDRESS}1000000/"):
        assert [naming.test_client().get(address).status_code for _ in range(3)] == [200] * 3
    assert switch.answered >= 4


def test_many_who_come_at_once_have_the_first_page_read_once(make_app: MakeApp, app: Flask) -> None:
    store_tutors(generate_tutors(30))
    reading = make_app()
    bodies = []

    def visit() -> None:
        bodies.append(reading.test_client().get(ADDRESS).data)

    with reading.app_context():
        counted = StatementLog()
        visitors = [threading.Thread(target=visit) for _ in range(8)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        read = [statement for statement in counted.stop() if "etag || card" in statement]
    assert len(bodies) == 8 and len(set(bodies)) == 1
    assert len(read) == 1


def test_a_cached_response_is_not_for_a_request_without_its_host(
    app: Flask, client: FlaskClient
) -> None:
    store_tutors(generate_tutors(2))
    for _ in range(2):
        assert client.get(ADDRESS, headers={"Host": "localhost:80"}).status_code == 200
    environ = EnvironBuilder(path=ADDRESS).get_environ()
    del environ["HTTP_HOST"]
    body, status, _ = run_wsgi_app(app, environ, buffered=True)
    assert status == "400 BAD REQUEST"
    assert b"The Host header is missing." in b"".join(body)
