"""For which budgets the bytes of events count that a person, or a visitor's address, has stored."""

from common.http.limits.byte_budget import DAY_SECONDS, Limit


def budgets_of_user(user_id: int) -> tuple[Limit, ...]:
    """Of everything that a person's log takes beside their saves, whose own limits bound them."""
    key = f"user:{user_id}"
    return (
        Limit("USER_EVENT_BYTES", key),
        Limit("USER_EVENT_DAY_BYTES", key, "bytes-day", DAY_SECONDS),
    )


def budgets_of_sender(user_id: int | None, address: str) -> tuple[Limit, ...]:
    """Of what clients send: a visitor's address, or a person and all who are signed in at theirs."""
    if user_id is None:
        return (Limit("VISITOR_EVENT_BYTES", address),)
    shared = Limit("ADDRESS_EVENT_BYTES", address, "bytes-address", is_shared=True)
    return (*budgets_of_user(user_id), shared)
