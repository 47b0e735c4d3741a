"""What clients received, against what the database holds."""

from tests.faults.load_clients import FIELDS, LoadClients


def check_answers(clients: LoadClients, *, resets: bool = False) -> None:
    """Every call got a response, and each was one that clients can act on."""
    assert not clients.wrong, clients.wrong[:5]
    assert resets or clients.broken_connections == 0
    assert clients.served() > 0


def check_writes(clients: LoadClients) -> None:
    """Nothing that was acknowledged is missing, and nothing is there twice."""
    _check_keyed(clients, "fault.probe", clients.triggers)
    _check_keyed(clients, "fault.batch", clients.messages)
    _check_autosaves(clients)
    _check_patches(clients)
    _check_registrations(clients)


def _check_keyed(clients: LoadClients, action: str, acknowledged_calls: dict[str, int]) -> None:
    found = dict(
        clients.deployment.rows(
            "select metadata ->> 'key', count(*) from activity_events where action = %s group by 1",
            action,
        )
    )
    missing = [
        key for key, acknowledged in acknowledged_calls.items() if acknowledged and key not in found
    ]
    doubled = [key for key in acknowledged_calls if found.get(key, 0) > 1]
    assert (missing, doubled) == ([], [])
    assert any(acknowledged_calls.values())


def _check_autosaves(clients: LoadClients) -> None:
    saver = _id_of(clients, clients.saver)
    ((data, version),) = clients.deployment.rows(
        "select data, version from profile_drafts where user_id = %s", saver
    )
    for field in FIELDS:
        acknowledged, sent = clients.saved[field]
        assert acknowledged <= int(data["tutor_profile"][field]) <= sent
        assert acknowledged > 0
    versions = clients.deployment.rows(
        "select (metadata ->> 'version')::int from activity_events"
        " where user_id = %s and action = 'profile.autosave' order by 1",
        saver,
    )
    assert [number for (number,) in versions] == list(range(1, version + 1))


def _check_patches(clients: LoadClients) -> None:
    """One event of each acknowledged change and at most one of the others, in their order."""
    patcher = _id_of(clients, clients.patcher)
    events = clients.deployment.rows(
        "select (metadata #>> '{changes,tutor_profile,new,hourly_rate}')::int from activity_events"
        " where user_id = %s and action = 'profile.updated' order by id",
        patcher,
    )
    published = [rate for (rate,) in events]
    assert sorted(set(published)) == published
    assert {rate for rate, acknowledged in clients.patched if acknowledged} <= set(published)
    ((rate,),) = clients.deployment.rows(
        "select hourly_rate from tutor_profiles where user_id = %s", patcher
    )
    assert rate == published[-1]
    ((snapshots,),) = clients.deployment.rows(
        "select count(*) from activity_events where user_id = %s and action = 'profile.snapshot'",
        patcher,
    )
    # Saves within ten minutes share the first one's snapshot.
    assert snapshots == 1


def _check_registrations(clients: LoadClients) -> None:
    """A whole account or none."""
    found = clients.deployment.rows(
        "select email, s.user_id is not null and p.user_id is not null,"
        " (select count(*) from activity_events e"
        "  where e.user_id = u.id and e.action = 'auth.registered')"
        " from users u left join user_settings s on s.user_id = u.id"
        " left join student_profiles p on p.user_id = u.id where email = any(%s)",
        list(clients.registrations),
    )
    assert all(is_whole and events == 1 for _, is_whole, events in found)
    emails = {email for email, _, _ in found}
    assert len(emails) == len(found)
    acknowledged = {email for email, count in clients.registrations.items() if count}
    assert acknowledged and acknowledged <= emails


def logged_searches(clients: LoadClients) -> set[str]:
    """The words of the searches in the log, each once."""
    rows = clients.deployment.rows(
        "select metadata ->> 'query' from activity_events where action = 'marketplace.search'"
    )
    words = [word for (word,) in rows if word in clients.searches]
    assert len(words) == len(set(words))
    return set(words)


def _id_of(clients: LoadClients, headers: dict[str, str]) -> int:
    return clients.deployment.people[headers["Authorization"]]
