import pytest
from flask import Flask
from flask_limiter import Limiter, RouteLimit

from common.http.limits.parsed_limit import ParsedLimit

LIMITER = Limiter(key_func=lambda: "somebody")


def limits_of(kind, provider):
    return kind(limit_provider=provider, limiter=LIMITER, scope="SETTING")


def described(limit):
    return [(str(each.limit), each.scope, each.cost, each.shared) for each in limit]


@pytest.mark.parametrize("text", ["1/minute", "5/second;100/hour", "10 per 2 minutes", ""])
def test_it_names_the_limits_that_the_library_would(text):
    assert described(limits_of(ParsedLimit, lambda: text)) == described(
        limits_of(RouteLimit, lambda: text)
    )


def test_a_text_is_read_once():
    limit = limits_of(ParsedLimit, lambda: "5/second;100/hour")
    first, second = list(limit), list(limit)
    assert len(first) == 2
    assert [id(each) for each in first] == [id(each) for each in second]


def test_another_text_makes_other_limits():
    app = Flask(__name__)
    limit = limits_of(ParsedLimit, lambda: app.config["SETTING"])
    app.config["SETTING"] = "1/minute"
    before = described(limit)
    app.config["SETTING"] = "2/minute"
    after = described(limit)
    assert before != after
    app.config["SETTING"] = "1/minute"
    assert described(limit) == before


def test_a_text_that_names_no_limit_is_refused_each_time():
    limit = limits_of(ParsedLimit, lambda: "often")
    for _ in range(2):
        with pytest.raises(ValueError):
            list(limit)
