"""The addresses of PostgreSQL and Redis are checked at start by the libraries that use them."""

import pytest

from common.config import ConfigError, load_settings

PASSWORD = "s3cr%40et"

DATABASES = [
    "postgresql://h/d",
    "postgres://u:p@h:1/d",
    "postgresql+psycopg2://u:p@h:1/d",
    "postgresql://h1,h2/d",
    "postgresql://h1:5432,h2:5433/d?target_session_attrs=read-write",
    "postgresql://u:p@[::1]:5432/d",
    "postgresql:///d?host=/var/run/postgresql",
    "postgresql://%2Fvar%2Frun%2Fpostgresql/d",
    "postgresql:///d?hostaddr=127.0.0.1&port=5433",
    f"postgresql://u%40org:{PASSWORD}@h/d%20b",
    "postgresql://h/d?sslmode=require",
    "postgresql://h/d?sslmode=verify-full&sslrootcert=system",
    "postgresql://h/d?options=-c%20search_path%3Dapp",
    "postgresql://h/d?connect_timeout=10&application_name=x",
]
BROKEN_DATABASES = [
    ("mysql://u@h/d", "must start with postgresql://"),
    ("nonsense", "must start with postgresql://"),
    ("postgresql:h/d", "must start with postgresql://"),
    ("postgresql://h:notaport/d", "port"),
    ("postgresql://h:99999/d", "port"),
    ("postgresql://h1:1,h2:2/d?port=1,2,3", "port"),
    ("postgresql://[::1/d", "end of string"),
    ("postgresql://h/d?pgbouncer=true", 'query parameter: "pgbouncer"'),
    ("postgresql://h/d?schema=public", 'query parameter: "schema"'),
    ("postgresql://h/d?sslmode=foo", 'sslmode value: "foo"'),
    ("postgresql://h/d?target_session_attrs=any-will-do", "target_session_attrs"),
    (f"postgresql://u:{PASSWORD}%zz@h/d", "percent-encoded"),
    (f"postgresql://u:x@{PASSWORD}:y@h/d", "port"),
    (f"postgresql://u:{PASSWORD}@[h/d", "end of string"),
]


@pytest.mark.parametrize("url", DATABASES)
def test_an_address_that_libpq_takes_is_taken_and_its_driver_left_out(url):
    scheme, _, rest = url.partition("://")
    assert load_settings({"DATABASE_URL": url})["DATABASE_URL"] == f"postgresql://{rest}"


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n", " \t "])
def test_several_addresses_of_replicas_are_taken_one_by_one(between):
    text = between.join(DATABASES)
    expected = tuple(f"postgresql://{url.partition('://')[2]}" for url in DATABASES)
    assert load_settings({"READ_DATABASE_URLS": text})["READ_DATABASE_URLS"] == expected


def test_there_are_no_replicas_unless_they_are_named():
    assert load_settings({})["READ_DATABASE_URLS"] is None
    assert load_settings({"READ_DATABASE_URLS": ""})["READ_DATABASE_URLS"] is None


def test_every_wrong_address_of_a_replica_is_named_by_its_place_in_one_line():
    broken = [url for url, _ in BROKEN_DATABASES if " " not in url]
    with pytest.raises(ConfigError) as caught:
        load_settings({"READ_DATABASE_URLS": " ".join([DATABASES[0], *broken])})
    (line,) = [each for each in str(caught.value).splitlines() if each.startswith("- ")]
    assert line.startswith("- READ_DATABASE_URLS address 2 must start with postgresql://")
    assert all(f"address {number} " in line for number in range(2, len(broken) + 2))
    assert "address 1 " not in line and PASSWORD not in line and "s3cr" not in line


@pytest.mark.parametrize(("url", "reason"), BROKEN_DATABASES)
def test_an_address_that_libpq_refuses_is_one_line_without_its_password(url, reason):
    with pytest.raises(ConfigError) as caught:
        load_settings({"DATABASE_URL": url})
    (line,) = [each for each in str(caught.value).splitlines() if each.startswith("- ")]
    assert line.startswith("- DATABASE_URL ") and reason in line
    assert PASSWORD not in line and "s3cr" not in line


@pytest.mark.parametrize(
    "url",
    [
        "redis://h",
        "redis://:p@h:6380/3",
        "rediss://u:p@h/0?ssl_cert_reqs=none",
        "redis://[::1]:6379/0",
        "unix:///tmp/redis.sock?db=1",
        "redis://h?socket_timeout=0.5&protocol=3",
        "redis+sentinel://h1:26379,h2,[::1]:5/mymaster",
        "redis+sentinel://u:p@h1/mymaster/3?sentinel_password=x&sentinel_username=y",
        "redis+cluster://:p@h1:6379,h2",
        "redis+cluster://h1/0",
    ],
)
def test_an_address_that_redis_py_takes_is_taken(url):
    assert load_settings({"REDIS_URL": url})["REDIS_URL"] == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://h", "must start with redis://"),
        ("h:6379", "must start with redis://"),
        (f"redis://:{PASSWORD}@h:notaport", "malformed"),
        (f"redis://:{PASSWORD}@h:99999", "malformed"),
        ("redis://[::1", "malformed"),
        ("redis://h/first", "no number"),
        ("redis://h?foo=bar", "unknown option foo"),
        ("redis://h?socket_timeout=soon", "malformed"),
        (f"redis+sentinel://:{PASSWORD}@h1,h2", "must be redis+sentinel://host"),
        (f"redis+sentinel://:{PASSWORD}@h1/mymaster/first", "no number"),
        ("redis+sentinel://h1/mymaster/0/more", "must be redis+sentinel://host"),
        ("redis+sentinel://h1/mymaster?foo=bar", "must be redis+sentinel://host"),
        (f"redis+sentinel://:{PASSWORD}@h1:port/mymaster", "malformed host or port"),
        (f"redis+cluster://:{PASSWORD}@h1:99999", "malformed host or port"),
        ("redis+cluster://", "malformed host or port"),
        ("redis+cluster://h1,,h2", "malformed host or port"),
        ("redis+cluster://h1/3", "one database"),
        ("redis+magic://h1", "must start with"),
    ],
)
def test_an_address_that_redis_py_refuses_is_one_line_without_its_password(url, reason):
    with pytest.raises(ConfigError) as caught:
        load_settings({"REDIS_URL": url})
    (line,) = [each for each in str(caught.value).splitlines() if each.startswith("- ")]
    assert line.startswith("- REDIS_URL ") and reason in line
    assert "s3cr" not in line
