"""After an erasure none of the values a person ever wrote is stored anywhere.

Looked for are the values, not the person's id, in every table the catalogue names, in every file,
in every Redis key and in every line logged; in any case, in any part of a word, in bytes or hex.
"""

import io
import re
from pathlib import Path

import pytest
import redis
from PIL import Image
from sqlalchemy import text

from activity import event_queue
from common.database.session import db
from common.operations import logging
from profiles.accounts.models import User
from profiles.messages import MessageKind, enqueue
from tests.factories import as_user, make_tutor
from tests.profiles.accounts.endpoints import log_in, refresh, register

ADDRESS = "203.0.113.77"
LIST_CACHE_SECONDS = 120
PASSWORD = "qvorzhalt at dusk"
# Made-up words that share no five letters with anything else.
WRITTEN = {
    "email": "qvaxem@qvorplitz.example.com",
    "wanted_email": "qzuvlorm@qjemporaly.example.org",
    "first_name": "Жуґрибельда",
    "last_name": "Щвяклобуцька",
    "old_last_name": "Ґрумчикалова",
    "headline": "Ксюфротика жваво",
    "old_headline": "Цвіфлобанка пржемно",
    "draft_headline": "Бжунделіада",
    "bio": "Ґвюздопланка навчає квюктоніки",
    "old_bio": "Хрюзмалайка",
    "subject": "Пшондлезнавство",
    "old_subject": "Гжебрухологія",
    "certification": "Vexquill Diplomat",
    "draft_subject": "Ждвофлістика",
    "query": "фкуздролист",
    "search_name": "Згъюмбатель",
    "saved_query": "ґнежвильцок",
    "action": "qvixel.opened",
    "entity_type": "qvobject",
    "entity_id": "qvident-42",
    "metadata": "qvmetavalue",
    "message_id": "qvmessage-1",
    "idempotency_key": "qvidemkey-1",
    "user_agent": "Qvbrowser/7",
    "referrer": "https://qvorefitz.example.com/page",
    "address": ADDRESS,
    "request_id": "qvrequest-id",
    "mailbox": "qvletterbox@qvukranz.example.org",
}
# Distinctive parts: long enough that nobody else's text holds one, short enough that a misspelling,
# a stem or a prefix of a value still holds one.
PART_LETTERS = 5
COMMON_PARTS = {"example", ".com", "https", "page"}


def parts_of(value):
    """Every run of PART_LETTERS letters or digits of the value's words, folded."""
    words = re.findall(r"[^\W_]{%d,}" % PART_LETTERS, value.casefold())
    return {
        word[at : at + PART_LETTERS]
        for word in words
        if word not in COMMON_PARTS
        for at in range(len(word) - PART_LETTERS + 1)
    }


PARTS = {part for value in [*WRITTEN.values(), PASSWORD] for part in parts_of(value)}
PARTS -= parts_of("example opened request value object message browser referrer навчає жваво")
PARTS |= {ADDRESS}


# `docs/erasure.md` says how long they stay.
IN_LOGS = {ADDRESS} | (parts_of(WRITTEN["request_id"]) & PARTS)


def found_in(content):
    """The parts that the text holds, as it is or in hex, as bytes are shown."""
    folded = content.casefold()
    return {part for part in PARTS if part in folded or part.encode().hex() in folded}


def in_tables():
    tables = db.session.scalars(
        text(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        )
    ).all()
    assert len(tables) > 15
    found = {}
    for table in tables:
        rows = db.session.scalars(text(f"select t::text from {table} as t")).all()
        found[table] = set().union(*map(found_in, rows)) if rows else set()
    db.session.rollback()
    return {table: parts for table, parts in found.items() if parts}


def in_redis(client):
    found = {}
    # Answers of before are never read again, and expire with the cache of lists.
    for key in client.scan_iter():
        if key.startswith(b"marketplace:") and 0 <= client.ttl(key) <= LIST_CACHE_SECONDS:
            continue
        dump = (client.dump(key) or b"").decode("utf-8", "ignore")
        found[key] = found_in(f"{key.decode('utf-8', 'replace')} {dump} {read(client, key)!r}")
    return {key: parts - {ADDRESS} for key, parts in found.items() if parts - {ADDRESS}}


def read(client, key):
    """What a key holds, whatever its type, as text."""
    readers = {
        b"string": lambda: client.get(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"hash": lambda: client.hgetall(key),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1),
    }
    content = readers[client.type(key)]()
    items = content if isinstance(content, list | set) else [content]
    return [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in items]


def in_files(*folders):
    return {
        str(path): found_in(path.name + path.read_bytes().decode("utf-8", "ignore"))
        for folder in folders
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


@pytest.fixture
def talkative(make_app):
    yield make_app(LOG_LEVEL="DEBUG")
    logging.configure("WARNING")


@pytest.fixture
def redis_client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def picture():
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "teal").save(content, "PNG")
    content.seek(0)
    return content


def live(app):
    """A tutor's whole life: everything that anybody can write, old and new values, then drafts."""
    browser = app.test_client()
    browser.environ_base |= {
        "REMOTE_ADDR": ADDRESS,
        "HTTP_USER_AGENT": WRITTEN["user_agent"],
        "HTTP_REFERER": WRITTEN["referrer"],
        "HTTP_X_REQUEST_ID": WRITTEN["request_id"],
    }
    answer = register(
        browser,
        email=WRITTEN["email"],
        password=PASSWORD,
        first_name=WRITTEN["first_name"],
        last_name=WRITTEN["old_last_name"],
        role="tutor",
    )
    assert answer.status_code == 201
    user_id = answer.json["user"]["id"]
    log_in(browser, WRITTEN["email"], "qvorzhalt guess")
    assert log_in(browser, WRITTEN["email"], PASSWORD).status_code == 200
    owner = as_user(browser, user_id)
    owner.environ_base |= browser.environ_base
    owner.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {refresh(browser).json['access']}"
    assert owner.post("/api/me/two-factor/").status_code == 200
    for prefix in ("old_", ""):
        profile = {
            "user": {"last_name": WRITTEN[f"{prefix}last_name"]},
            "settings": {"show_email_publicly": True},
            "tutor_profile": {
                "headline": WRITTEN[f"{prefix}headline"],
                "bio": WRITTEN[f"{prefix}bio"],
                "subjects": [WRITTEN[f"{prefix}subject"], "Математика"],
                "certifications": [WRITTEN["certification"]],
            },
        }
        assert owner.patch("/api/me/profile/", json=profile).status_code == 200
    for draft in (
        {"headline": WRITTEN["draft_headline"]},
        {"subjects": [WRITTEN["draft_subject"]]},
    ):
        answer = owner.patch("/api/me/profile/autosave/", json={"tutor_profile": draft})
        assert answer.status_code == 200
    wanted = {"email": WRITTEN["wanted_email"], "password": PASSWORD}
    assert owner.post("/api/me/email/", json=wanted).status_code == 202
    # Nobody looks into it before the account is erased.
    forgotten = browser.post("/api/auth/password-reset/", json={"email": WRITTEN["email"]})
    assert forgotten.status_code == 202
    avatar = owner.post("/api/me/avatar/", data={"avatar": (picture(), "me.png")})
    assert avatar.status_code == 200
    event = {
        "action": WRITTEN["action"],
        "entity_type": WRITTEN["entity_type"],
        "entity_id": WRITTEN["entity_id"],
        "metadata": {"note": WRITTEN["metadata"]},
    }
    key = {"Idempotency-Key": WRITTEN["idempotency_key"]}
    assert owner.post("/api/me/activity/trigger/", json=event, headers=key).status_code == 201
    batch = {"events": [{**event, "message_id": WRITTEN["message_id"]}]}
    assert owner.post("/api/activity/events/", json=batch).status_code == 202
    search = {"search": WRITTEN["query"], "subject": WRITTEN["subject"]}
    assert owner.get("/api/marketplace/tutors/", query_string=search).status_code == 200
    saved = {"name": WRITTEN["search_name"], "query": f"search={WRITTEN['saved_query']}"}
    assert owner.post("/api/me/saved-searches/", json=saved).status_code == 201
    assert owner.put(f"/api/me/saved-tutors/{user_id}/").status_code == 204
    user = db.session.get_one(User, user_id)
    enqueue(user, MessageKind.EMAIL_CHANGE_UNDONE, recipient=WRITTEN["mailbox"])
    db.session.commit()
    return user_id, owner, browser


def look_around(visitor, user_id):
    """Everything a stranger can ask that might show, or make a cache store, one of the values."""
    pages = ["/api/marketplace/tutors/", "/api/marketplace/facets/", "/api/tutors/public-list/"]
    pages.append(f"/api/marketplace/tutors/{user_id}/similar/")
    pages += [
        f"/api/marketplace/{kind}/?{name}={word[:length]}"
        for word in ("Щвяклобуцька", "Пшондлезнавство", "Ксюфротика")
        for length in (6, 20)
        for kind, name in (("tutors", "search"), ("facets", "search"), ("suggestions", "q"))
    ]
    answers = [visitor.get(page) for page in pages]
    assert {answer.status_code for answer in answers} <= {200, 404}
    return [answer.get_data(as_text=True) for answer in answers]


def test_every_value_is_found_before_an_erasure_and_none_after_it(talkative, redis_client, capsys):
    with talkative.app_context():
        other = make_tutor(headline="Математика", subjects=["Математика"])
        user_id, owner, browser = live(talkative)
        visitor = talkative.test_client()
        assert any(found_in(answer) for answer in look_around(visitor, user_id))
        assert event_queue().drain()
        # The test can see: what is not found here would be looked for in vain below.
        seen = set().union(*in_tables().values())
        for name, value in WRITTEN.items():
            if name not in {"request_id"}:
                assert (parts_of(value) & PARTS or {ADDRESS}) & seen, name
        media = Path(talkative.config["MEDIA_DIR"]) / "avatars"
        assert [path for path in media.rglob("*") if path.is_file()]

        assert owner.delete("/api/me/", json={"password": PASSWORD}).status_code == 204

        assert event_queue().drain()
        answers = look_around(visitor, user_id)
        left = in_tables()
    # A visitor's own search words come back to the visitor, in the links of the pages.
    assert not any("Щвяк" in answer or "Пшонд" in answer for answer in answers)
    assert left == {}
    assert in_redis(redis_client) == {}
    assert not list(redis_client.scan_iter("failures:*"))
    files = in_files(talkative.config["INSTANCE_DIR"], talkative.config["MEDIA_DIR"])
    assert {path: parts for path, parts in files.items() if parts} == {}
    assert not [path for path in media.rglob("*") if path.is_file()]
    logged = capsys.readouterr()
    assert "request_id" in logged.out
    assert found_in(logged.out + logged.err) - IN_LOGS == set()
    assert visitor.get(f"/api/marketplace/tutors/{other.id}/").status_code == 200
