"""What callers see of a database that went away and came back."""

from tests.drills.traffic import Traffic

# Two seconds are the aim, and what is measured where a core is free (the figure is printed). The
# bound is loose since a busy machine starts PostgreSQL, the nodes and the callers late alike.
RECOVERY_SECONDS = 10.0


def check_recovery(traffic: Traffic, left: float, back: float, said: str = "") -> None:
    """All calls of the time between were answered well or by a 503 with Retry-After, and soon
    after the database was back all are answered well. Times are of `time.monotonic`."""
    faults = traffic.faults()
    assert not faults, f"{len(faults)}: {faults[:3]}\n{said}"
    refused = [outcome for outcome in traffic.outcomes if outcome.was_refused]
    last = max((outcome.answered for outcome in refused if outcome.sent >= left), default=back)
    good = min(outcome.answered for outcome in traffic.during(back) if outcome.succeeded)
    print(
        f"away for {back - left:.1f} s; first good answer to a later call after {good - back:.2f} s,"
        f" last 503 after {last - back:.2f} s; {len(refused)} of {len(traffic.outcomes)} refused"
    )
    assert good - back < RECOVERY_SECONDS
    assert last - back < RECOVERY_SECONDS
