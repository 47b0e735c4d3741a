"""The names of events: the server's own, and those a client may invent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.catalogue import (
    METADATA_KEYS,
    RESERVED,
    Action,
    entity_of,
    is_client_action,
    is_reserved,
)

ACTIONS = [value for name, value in vars(Action).items() if name.isupper()]
PART = st.from_regex(r"[a-z][a-z0-9_]{0,15}", fullmatch=True)


def test_every_action_lists_its_metadata():
    assert sorted(ACTIONS) == sorted(METADATA_KEYS)


ENTITIES = {
    "marketplace.": ("marketplace", None),
    "profile.viewed": ("profile", "7"),
    "profile.": ("profile", "1"),
    "settings.": ("settings", "1"),
    "avatar.": ("avatar", "1"),
    "auth.": ("account", "1"),
    "activity.": ("activity", None),
    "tutor.": ("profile", "7"),
    "search.": ("saved_search", "0b7c"),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_names_the_entity_it_is_about(action):
    expected = [entity for name, entity in ENTITIES.items() if action.startswith(name)][-1:]
    if action == "profile.viewed":
        expected = [("profile", "7")]
    assert [entity_of(action, 1, {"tutor_id": 7, "search_id": "0b7c"})] == expected


def test_the_entity_of_a_visitors_event_has_no_person():
    assert entity_of(Action.PROFILE_VIEWED, None, {"tutor_id": 7}) == ("profile", "7")
    assert entity_of(Action.AUTH_LOGIN, None, {}) == ("account", None)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_servers_own_names_keep_the_grammar_they_demand(action):
    assert is_client_action(action)


@pytest.mark.parametrize(
    "action",
    [
        "profile.updated",
        "profile.snapshot",
        "profile.autosave",
        "profile.autosave.published",
        "profile.autosave.of.any.kind",
        "settings.updated",
        "settings.changed",
        "avatar.uploaded",
        "auth.login",
        "system.started",
        "activity.trigger.rate_limited",
    ],
)
def test_what_only_the_server_may_record_is_reserved(action):
    assert is_reserved(action)


@pytest.mark.parametrize(
    "action",
    [
        "marketplace.search",
        "profile.viewed",
        "profile.autosaved",
        "profile.updated.twice",
        "my.settings",
        "authors.listed",
        "avatars.seen",
    ],
)
def test_a_name_that_only_resembles_a_reserved_one_is_free(action):
    assert not is_reserved(action)


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_names_are_written_in_the_grammar(name):
    assert is_client_action(name.removesuffix(".*") + ".x")


@given(st.lists(PART, min_size=2, max_size=5))
def test_two_to_five_parts_are_a_name_unless_too_long(parts):
    action = ".".join(parts)
    assert is_client_action(action) == (len(action) <= 100)


@given(st.lists(PART, min_size=6, max_size=9) | st.lists(PART, min_size=1, max_size=1))
def test_one_part_or_more_than_five_are_no_name(parts):
    assert not is_client_action(".".join(parts))


@pytest.mark.parametrize(
    "action",
    ["", ".", "a.", ".a", "a..b", "A.b", "a.B", "a b.c", "a.b\n", "a-b.c", "1.2", "ключ.слово"],
)
def test_other_shapes_are_no_name(action):
    assert not is_client_action(action)
