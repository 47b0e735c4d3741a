"""Addresses of stores, as of MEDIA_URL."""

from pathlib import Path

import pytest

from common.config import ConfigError, load_settings
from common.stores.address import StoreAddress, parse_address

S3 = "https://s3.example.org"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///srv/media", StoreAddress(Path("/srv/media"))),
        ("file://localhost/srv/media", StoreAddress(Path("/srv/media"))),
        ("file:///srv/my%20media", StoreAddress(Path("/srv/my media"))),
        ("s3://avatars", StoreAddress(None, "avatars")),
        ("s3://avatars/", StoreAddress(None, "avatars")),
        ("s3://avatars/a/b/", StoreAddress(None, "avatars", "a/b")),
        (f"s3://avatars?endpoint={S3}", StoreAddress(None, "avatars", "", S3)),
        (
            f"s3://a/p?endpoint={S3}:8333&region=eu",
            StoreAddress(None, "a", "p", f"{S3}:8333", "eu"),
        ),
        (
            "s3://my.bucket-1/p?region=eu-north-1",
            StoreAddress(None, "my.bucket-1", "p", None, "eu-north-1"),
        ),
    ],
)
def test_an_address_is_read(url, expected):
    assert parse_address(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/media",
        "media",
        "http://s3.example.org/avatars",
        "file://other-host/srv",
        "file:relative",
        "file:///srv?x=1",
        "s3://",
        "s3:///prefix",
        "s3://avatars:9000/",
        "s3://avatars#x",
        "s3://avatars?endpoint=s3.example.org",
        "s3://avatars?endpoint=",
        "s3://avatars?endpoint",
        f"s3://avatars?endpoint={S3}&endpoint={S3}",
        "s3://avatars?unknown=1",
        "s3://key:hush@avatars/",
        "s3://avatars/\x00",
        "s3://[avatars",
    ],
)
def test_what_is_no_address_is_said_without_quoting_it(url):
    with pytest.raises(ValueError) as raised:
        parse_address(url)
    assert "hush" not in str(raised.value)


def test_a_wrong_address_is_named_at_the_start():
    with pytest.raises(ConfigError, match="MEDIA_URL must be file:///a/folder or s3://bucket"):
        load_settings({"MEDIA_URL": "ftp://somewhere"})


def test_two_places_at_once_are_refused():
    with pytest.raises(ConfigError, match="MEDIA_URL and MEDIA_DIR both say"):
        load_settings({"MEDIA_URL": "file:///srv/a", "MEDIA_DIR": "/srv/b"})
