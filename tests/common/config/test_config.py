"""Settings: complete or refused at start, with everything that is wrong in one message."""

import re
from pathlib import Path

import pytest

from common.config import ROOT, SETTINGS, ConfigError, development_secret, load_settings

COMPLETE = {
    "APP_ENV": "production",
    "DATABASE_URL": "postgres://db/x",
    "REDIS_URL": "redis://cache",
    "SECRET_KEY": "q7Zt1xWv9Lr3Nc5Jf8Hd2Ks6Pb4Gy0Mu",
    "FRONTEND_ORIGINS": "https://a.example, https://b.example/",
    "TRUSTED_HOSTS": "api.example, .internal.example",
    "MAIL_URL": "smtps://mailer:p%40ss@mail.example",
    "MAIL_FROM": "Tutors <no-reply@a.example>",
}
REQUIRED = [name for name in COMPLETE if name != "APP_ENV"]


def test_an_empty_environment_is_a_complete_development_configuration():
    settings = load_settings({})
    assert settings["APP_ENV"] == "development"
    assert settings["FRONTEND_ORIGINS"] == ("http://localhost:5173",)
    assert settings["SECURE_COOKIES"] is False
    assert {setting.name for setting in SETTINGS} == set(settings)


def test_a_complete_production_configuration_is_accepted():
    settings = load_settings(COMPLETE)
    assert settings["DATABASE_URL"] == "postgresql://db/x"
    assert settings["FRONTEND_ORIGINS"] == ("https://a.example", "https://b.example")
    assert settings["TRUSTED_HOSTS"] == ("api.example", ".internal.example")
    assert settings["SECURE_COOKIES"] is True


def test_production_names_everything_that_is_missing_in_one_message():
    with pytest.raises(ConfigError) as caught:
        load_settings({"APP_ENV": "production"})
    for name in REQUIRED:
        assert f"{name} is not set" in str(caught.value)


@pytest.mark.parametrize("missing", REQUIRED)
def test_production_refuses_to_start_without(missing):
    environ = {name: value for name, value in COMPLETE.items() if name != missing}
    with pytest.raises(ConfigError, match=missing):
        load_settings(environ)


MALFORMED = [
    ("APP_ENV", "staging"),
    ("SECRET_KEY", "short"),
    ("SECURE_COOKIES", "maybe"),
    ("LOG_LEVEL", "foo"),
    ("METRICS_TOKEN", "short"),
    ("METRICS_TOKEN", "with a space in between"),
    ("MEDIA_DIR", "/srv/\x00"),
    *[("TRIGGER_LIMIT", value) for value in ("five a day", "0/minute", "-1/second")],
    *[("LOGIN_GUESS_LIMIT", value) for value in ("10000001/day", "100/hour;9/year", "5/40 day")],
    *[("PROXY_HOPS", value) for value in ("many", "-1", "11", "1.0", "١", "1_0", "9" * 30)],
    *[("ACCESS_TOKEN_MINUTES", value) for value in ("0", "-5", "99999999999", "30m")],
    ("PASSWORD_HASH_MEMORY_KIB", "4"),
    ("DATABASE_POOL_SIZE", "-1"),
    ("DATABASE_POOL_SIZE", "5"),
    ("DATABASE_POOL_OVERFLOW", "5"),
    ("STATEMENT_TIMEOUT_MS", "0"),
    ("EVENT_QUEUE_SIZE", "0"),
    *[
        ("FRONTEND_ORIGINS", value)
        for value in (
            "*",
            "null",
            "app.example",
            "https://app.example/path",
            "https://app.example, *",
            "https://*.example",
            "https://user@app.example",
            "https://app.example:port",
            "ftp://app.example",
            "https://",
            ",",
        )
    ],
    *[
        ("TRUSTED_HOSTS", value)
        for value in ("https://api.example", "*", "a:80", "a/b", "a b", ",")
    ],
]


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_setting_is_named(name, value):
    with pytest.raises(ConfigError, match=f"^The configuration.*\n- {name} [^\n]*$"):
        load_settings({name: value})


WEAK_IN_PRODUCTION = [
    ("FRONTEND_ORIGINS", "http://app.example"),
    ("SECURE_COOKIES", "false"),
    ("RATE_LIMITS_ENABLED", "false"),
    ("LOGIN_GUESS_LIMIT", "101/second"),
    ("PUBLIC_READ_LIMIT", "600/second;10000000/day"),
    ("PASSWORD_HASH_MEMORY_KIB", "8"),
    ("PASSWORD_HASH_PASSES", "1"),
    ("MAX_BODY_BYTES", "1000"),
    ("STATEMENT_TIMEOUT_MS", "100"),
    ("EVENT_QUEUE_SIZE", "5"),
    *[
        ("SECRET_KEY", value)
        for value in (
            "a" * 64,
            "0123456789" * 4,
            "change-me-please-0123456789-qwertyuiop",
            "django-insecure-w8#k2l5n7q9s1u3y5b7d9f",
            "abcabcabdabdabcabcabdabdabcabcabdabd",
        )
    ],
]


@pytest.mark.parametrize(("name", "value"), WEAK_IN_PRODUCTION)
def test_what_development_may_weaken_production_may_not(name, value):
    load_settings({name: value})
    with pytest.raises(ConfigError, match=f"\n- .*{name} "):
        load_settings(COMPLETE | {name: value})


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://App.Example", "https://app.example"),
        ("HTTPS://app.example:443/", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://пошта.example", "https://xn--80a1acn3a.example"),
    ],
)
def test_an_origin_is_compared_as_browsers_write_it(given, origin):
    assert load_settings({"FRONTEND_ORIGINS": given})["FRONTEND_ORIGINS"] == (origin,)


def test_all_that_is_wrong_is_said_at_once():
    wrong = {"PROXY_HOPS": "-1", "LOG_LEVEL": "foo", "REDIS_URL": "redis://h:port", "APP_ENV": "x"}
    with pytest.raises(ConfigError) as caught:
        load_settings(wrong)
    assert [line for line in str(caught.value).splitlines() if line.startswith("- ")] == [
        "- APP_ENV must be one of development, testing, production",
        "- REDIS_URL is refused by redis-py: host, port or an option is malformed",
        "- PROXY_HOPS must be a whole number from 0 to 10",
        "- LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    ]


def test_overrides_win_over_the_environment():
    assert load_settings({"LOG_LEVEL": "ERROR"}, {"LOG_LEVEL": "debug"})["LOG_LEVEL"] == "DEBUG"


def test_the_development_secret_is_made_once_and_readable_by_its_owner_only(tmp_path):
    folder = tmp_path / "тека з пробілом"
    first = development_secret(str(folder))
    assert development_secret(str(folder)) == first
    assert len(first) >= 32
    assert [path.name for path in folder.iterdir()] == ["secret_key"]
    assert (folder / "secret_key").stat().st_mode & 0o077 == 0


def test_the_readme_lists_every_setting_with_its_default_and_meaning():
    readme = (Path(ROOT) / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+) \|$", readme, flags=re.M))
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default is not None else "unset"
        assert rows.get(setting.name) == f"{default} | {setting.meaning}", setting.name
    assert set(rows) == {setting.name for setting in SETTINGS}
