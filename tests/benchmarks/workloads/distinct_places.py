"""Questions that never repeat about what an installation has: cards, logs, places far down a list;
and what its people write, no two times the same."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import cycle
from random import Random
from typing import Any
from urllib.parse import urlencode

from common.http.pagination import Position, make_cursor
from marketplace.listing.query import ORDERINGS
from marketplace.tutors.schemas import TUTOR_QUERY
from tests.benchmarks.clients.client import Call
from tests.benchmarks.servers.installation import Installation
from tests.benchmarks.workloads import aims
from tests.benchmarks.workloads.distinct import Parameters, never_repeated, ordered_filters
from tests.benchmarks.workloads.questions import Makers
from tests.benchmarks.workloads.repeated import LOG, TUTORS, by, readers

# So many write, so that nobody comes near a limit of the service.
WRITERS = 500
# More than are asked for in any run.
LISTED = 50_000
ACTIONS = (
    "profile.viewed",
    "auth.login",
    "lesson.card.opened",
    "page.viewed",
    "marketplace.search",
)
ENTITY_TYPES = ("lesson", "profile", "nothing")
FIRST_DAY, DAYS = date(2025, 1, 1), 690
EVENTS_OF_EACH = 400
PROFILE = "/api/me/profile/"


def some_tutors(installation: Installation, number: int) -> list[int]:
    """Ids of listed tutors, the same in every run, in no order."""
    ids = installation.sql(
        f"select tutor_id from public_tutors order by md5(tutor_id::text) limit {number}"
    )
    return [tutor_id for (tutor_id,) in ids]


def cards(installation: Installation) -> Makers:
    """A fifth of the tutors is for warming, so that few of them are enough for both."""
    listed = [Call(f"{TUTORS}{each}/") for each in some_tutors(installation, LISTED)]
    first = len(listed) // 5
    measured, warming = cycle(listed[first:]), cycle(listed[:first])
    return Makers(lambda random: next(measured), lambda random: next(warming))


def any_depth(installation: Installation) -> Makers:
    """Pages after a tutor anywhere in a filtered list, as following `next` leads to."""
    columns = sorted(set(ORDERINGS.values()))
    rows = installation.sql(
        f"select tutor_id, {', '.join(columns)} from public_tutors"
        " order by md5(tutor_id::text) limit 1000"
    )
    places = [dict(zip(("tutor_id", *columns), row, strict=True)) for row in rows]

    def make(random: Random) -> Call:
        with installation.app.app_context():
            return _page(places, random)

    return Makers(make, make)


def _page(places: Sequence[dict[str, int]], random: Random) -> Call:
    query = urlencode(ordered_filters(random))
    asked, place = TUTOR_QUERY.values_at_once(query.encode()), random.choice(places)
    assert asked is not None, query
    position = Position((place[ORDERINGS[asked.order]], place["tutor_id"]), random.random() < 0.2)
    cursor = make_cursor(position, asked.scope)
    return Call(f"{TUTORS}?{query}&{urlencode({'cursor': cursor})}")


def log(installation: Installation) -> Makers:
    """Any page and filter of long and of short logs."""
    people = readers(installation)
    events = {user: _some_events(installation, user) for user in people}
    with installation.app.app_context():
        tokens = {user: by(user, LOG) for user in people}

    def make(random: Random) -> Call:
        user = random.choice(people)
        query = urlencode(_log_parameters(random, events[user]))
        return Call(f"{LOG}?{query}", headers=tokens[user].headers)

    return Makers(make, make)


def _some_events(installation: Installation, user: int) -> list[str]:
    rows = installation.sql(
        f"select id::text from activity_events where user_id = {user}"
        f" order by md5(id::text) limit {EVENTS_OF_EACH}"
    )
    return [event for (event,) in rows]


def _log_parameters(random: Random, events: Sequence[str]) -> Parameters:
    chosen: Parameters = {}
    if events and random.random() < 0.5:
        chosen["before"] = random.choice(events)
    if random.random() < 0.5:
        chosen["action"] = ",".join(random.sample(ACTIONS, random.randrange(1, 3)))
    if random.random() < 0.3:
        chosen["entity_type"] = random.choice(ENTITY_TYPES)
    if random.random() < 0.4:
        day = FIRST_DAY + timedelta(days=random.randrange(DAYS))
        chosen[random.choice(("date_from", "date_to"))] = day.isoformat()
    return chosen | {"page_size": random.randrange(10, 31)}


def writing(
    installation: Installation, path: str, method: str, body: Callable[[Random], Any]
) -> Makers:
    """Calls by many people, each with a body and the token of a session. Before the measured ones
    everybody writes in turn, so that tokens are known and first drafts and snapshots made."""
    with installation.app.app_context():
        sessions = [by(user, path, method, {}) for user in some_tutors(installation, WRITERS)]
    turns = cycle(sessions)
    return Makers(
        lambda random: replace(random.choice(sessions), body=json.dumps(body(random))),
        lambda random: replace(next(turns), body=json.dumps(body(random))),
    )


def trigger_body(random: Random) -> Any:
    return {
        "action": "lesson.card.opened",
        "entity_type": "lesson",
        "entity_id": str(random.randrange(10**6)),
        "metadata": {"position": random.randrange(100)},
    }


def draft_body(random: Random) -> Any:
    bio = f"Готую до НМТ і пояснюю на прикладах, план {random.randrange(10**6)}"
    return {"tutor_profile": {"bio": bio, "hourly_rate": random.randrange(100, 900)}}


def profile_body(random: Random) -> Any:
    """Changes the public row, its words and its places in the orderings."""
    headline = f"Уроки математики, план {random.randrange(10**6)}"
    return {"tutor_profile": {"hourly_rate": random.randrange(100, 900), "headline": headline}}


def triggers(installation: Installation) -> Makers:
    return writing(installation, f"{LOG}trigger/", "POST", trigger_body)


def autosaves(installation: Installation) -> Makers:
    return writing(installation, f"{PROFILE}autosave/", "PATCH", draft_body)


def saves(installation: Installation) -> Makers:
    return writing(installation, PROFILE, "PATCH", profile_body)


DISTINCT_READS = (
    never_repeated("filters, any depth", any_depth, aims.FILTERS),
    never_repeated("one tutor", cards, aims.STORED),
    never_repeated("log, any page and filter", log, aims.LOG),
)
# After reads of the same kind: they leave dead rows behind, which reads would then pass over.
DISTINCT_WRITES = (
    never_repeated("trigger", triggers, aims.TRIGGER),
    never_repeated("autosave", autosaves, aims.AUTOSAVE),
    never_repeated("profile save", saves, aims.PROFILE_SAVE),
)
