"""Codes and tickets are used once, by however many requests at once they are presented."""

import requests

from tests.factories import auth_header
from tests.profiles.accounts.endpoints import at_once, events_of
from tests.profiles.accounts.two_factor.authenticator import CONFIRM, PATH, SECOND_STEP, Person

AT_ONCE = 10


def finish(live_server, ticket, code):
    body = {"ticket": ticket, "code": code}
    answer = requests.post(f"{live_server.url}{SECOND_STEP}", json=body)
    return answer.status_code, answer.json().get("code")


def test_one_ticket_and_code_at_once_open_one_session(live_server, client):
    person = Person(client).turn_on()
    ticket, code = person.ticket(), person.code()
    answers = at_once(AT_ONCE, lambda _: finish(live_server, ticket, code))
    assert sorted(answers, key=str) == [(200, None)] + [(400, "invalid_ticket")] * (AT_ONCE - 1)
    assert events_of(person.user, "auth.login") == 1


def test_one_code_with_several_tickets_at_once_opens_one_session(live_server, client):
    person = Person(client).turn_on()
    tickets, code = [person.ticket() for _ in range(AT_ONCE)], person.code()
    answers = at_once(AT_ONCE, lambda index: finish(live_server, tickets[index], code))
    assert sorted(answers, key=str) == [(200, None)] + [(400, "wrong_code")] * (AT_ONCE - 1)


def test_one_recovery_code_with_several_tickets_at_once_opens_one_session(live_server, client):
    person = Person(client).turn_on()
    tickets = [person.ticket() for _ in range(AT_ONCE)]
    code = person.recovery_codes[0]
    answers = at_once(AT_ONCE, lambda index: finish(live_server, tickets[index], code))
    assert sorted(answers, key=str) == [(200, None)] + [(400, "wrong_code")] * (AT_ONCE - 1)
    assert events_of(person.user, "auth.recovery_code_used") == 1


def test_wrong_codes_at_once_are_all_counted_on_their_ticket(live_server, client):
    person = Person(client).turn_on()
    ticket, wrong = person.ticket(), person.wrong_code()
    answers = at_once(AT_ONCE, lambda _: finish(live_server, ticket, wrong))
    assert answers.count((400, "wrong_code")) == 5
    assert answers.count((400, "invalid_ticket")) == AT_ONCE - 5


def test_confirmed_by_several_requests_at_once_they_have_one_set_of_codes(live_server, client):
    person = Person(client)
    person.start()
    url, headers = f"{live_server.url}{CONFIRM}", auth_header(person.user)
    code = person.code()
    answers = at_once(6, lambda _: requests.post(url, headers=headers, json={"code": code}))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    codes = next(each.json()["recovery_codes"] for each in answers if each.status_code == 200)
    assert person.turn_off(codes[0]).status_code == 204
    assert events_of(person.user, "auth.two_factor_enabled") == 1


def test_started_by_several_requests_at_once_the_last_secret_counts(live_server, client):
    person = Person(client)
    url, headers = f"{live_server.url}{PATH}", auth_header(person.user)
    answers = at_once(6, lambda _: requests.post(url, headers=headers))
    assert [answer.status_code for answer in answers] == [200] * 6
    person.start()
    assert person.confirm().status_code == 200
