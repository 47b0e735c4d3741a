import re
from pathlib import Path

import pytest

from common.config import ROOT, SETTINGS, ConfigError, development_secret, load_settings

COMPLETE = {
    "APP_ENV": "production",
    "DATABASE_URL": "postgres://db/x",
    "REDIS_URL": "redis://cache",
    "SECRET_KEY": "x" * 32,
    "FRONTEND_ORIGINS": "https://a.example, https://b.example/",
}


def test_an_empty_environment_is_a_complete_development_configuration():
    settings = load_settings({})
    assert settings["APP_ENV"] == "development"
    assert settings["FRONTEND_ORIGINS"] == ("http://localhost:5173",)
    assert settings["SECURE_COOKIES"] is False
    assert {setting.name for setting in SETTINGS} == set(settings)


def test_a_complete_production_configuration_is_accepted():
    settings = load_settings(COMPLETE)
    assert settings["DATABASE_URL"] == "postgresql+psycopg2://db/x"
    assert settings["FRONTEND_ORIGINS"] == ("https://a.example", "https://b.example")
    assert settings["SECURE_COOKIES"] is True


def test_production_names_everything_that_is_missing_in_one_message():
    with pytest.raises(ConfigError) as caught:
        load_settings({"APP_ENV": "production"})
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FRONTEND_ORIGINS"):
        assert f"{name} is not set" in str(caught.value)


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FRONTEND_ORIGINS"])
def test_production_refuses_to_start_without(missing):
    environ = {name: value for name, value in COMPLETE.items() if name != missing}
    with pytest.raises(ConfigError, match=missing):
        load_settings(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "staging"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "nonsense"),
        ("REDIS_URL", "http://x"),
        ("SECRET_KEY", "short"),
        ("PROXY_HOPS", "many"),
        ("ACCESS_TOKEN_MINUTES", "0"),
        ("SECURE_COOKIES", "maybe"),
        ("TRIGGER_LIMIT", "five a day"),
    ],
)
def test_a_malformed_setting_is_named(name, value):
    with pytest.raises(ConfigError, match=name):
        load_settings({name: value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_a_postgresql_address_names_the_driver(scheme):
    assert load_settings({"DATABASE_URL": f"{scheme}://u:p@h:1/d"})["DATABASE_URL"] == (
        "postgresql+psycopg2://u:p@h:1/d"
    )


def test_overrides_win_over_the_environment():
    assert load_settings({"LOG_LEVEL": "ERROR"}, {"LOG_LEVEL": "DEBUG"})["LOG_LEVEL"] == "DEBUG"


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
