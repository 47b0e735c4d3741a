"""What a crowd was told, against what the database holds."""

from tests.faults.load_clients import FIELDS, Crowd


def check_answers(crowd: Crowd, *, resets: bool = False) -> None:
    """Nobody was left waiting, and nobody got an answer that no client can do anything with."""
    assert not crowd.wrong, crowd.wrong[:5]
    assert resets or crowd.broken_connections == 0
    assert crowd.served() > 0


def check_writes(crowd: Crowd) -> None:
    """Nothing that was acknowledged is missing, and nothing is there twice."""
    _check_keyed(crowd, "fault.probe", crowd.triggers)
    _check_keyed(crowd, "fault.batch", crowd.messages)
    _check_autosaves(crowd)
    _check_patches(crowd)
    _check_registrations(crowd)


def _check_keyed(crowd: Crowd, action: str, kept: dict[str, int]) -> None:
    found = dict(
        crowd.site.rows(
            "select metadata ->> 'key', count(*) from activity_events where action = %s group by 1",
            action,
        )
    )
    missing = [key for key, acknowledged in kept.items() if acknowledged and key not in found]
    doubled = [key for key in kept if found.get(key, 0) > 1]
    assert (missing, doubled) == ([], [])
    assert any(kept.values())


def _check_autosaves(crowd: Crowd) -> None:
    saver = _id_of(crowd, crowd.saver)
    ((data, version),) = crowd.site.rows(
        "select data, version from profile_drafts where user_id = %s", saver
    )
    for field in FIELDS:
        acknowledged, sent = crowd.saved[field]
        assert acknowledged <= int(data["tutor_profile"][field]) <= sent
        assert acknowledged > 0
    versions = crowd.site.rows(
        "select (metadata ->> 'version')::int from activity_events"
        " where user_id = %s and action = 'profile.autosave' order by 1",
        saver,
    )
    assert [number for (number,) in versions] == list(range(1, version + 1))


def _check_patches(crowd: Crowd) -> None:
    """One event of each acknowledged change and at most one of the others, in their order."""
    patcher = _id_of(crowd, crowd.patcher)
    events = crowd.site.rows(
        "select (metadata #>> '{changes,tutor_profile,new,hourly_rate}')::int from activity_events"
        " where user_id = %s and action = 'profile.updated' order by id",
        patcher,
    )
    published = [rate for (rate,) in events]
    assert sorted(set(published)) == published
    assert {rate for rate, acknowledged in crowd.patched if acknowledged} <= set(published)
    ((rate,),) = crowd.site.rows(
        "select hourly_rate from tutor_profiles where user_id = %s", patcher
    )
    assert rate == published[-1]
    ((snapshots,),) = crowd.site.rows(
        "select count(*) from activity_events where user_id = %s and action = 'profile.snapshot'",
        patcher,
    )
    assert snapshots == len(published)


def _check_registrations(crowd: Crowd) -> None:
    """A whole account or none."""
    found = crowd.site.rows(
        "select email, s.user_id is not null and p.user_id is not null,"
        " (select count(*) from activity_events e"
        "  where e.user_id = u.id and e.action = 'auth.registered')"
        " from users u left join user_settings s on s.user_id = u.id"
        " left join student_profiles p on p.user_id = u.id where email = any(%s)",
        list(crowd.registrations),
    )
    assert all(is_whole and events == 1 for _, is_whole, events in found)
    emails = {email for email, _, _ in found}
    assert len(emails) == len(found)
    acknowledged = {email for email, count in crowd.registrations.items() if count}
    assert acknowledged and acknowledged <= emails


def found_searches(crowd: Crowd) -> set[str]:
    """The words of the searches that the log tells of, each once."""
    rows = crowd.site.rows(
        "select metadata ->> 'query' from activity_events where action = 'marketplace.search'"
    )
    words = [word for (word,) in rows if word in crowd.searches]
    assert len(words) == len(set(words))
    return set(words)


def _id_of(crowd: Crowd, headers: dict[str, str]) -> int:
    return crowd.site.people[headers["Authorization"]]
