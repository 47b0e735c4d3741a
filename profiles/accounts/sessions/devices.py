"""What a browser calls itself, in words a person recognises."""

from ua_parser import parse

LONGEST_DEVICE = 100


def device_in_words(user_agent: str | None) -> str | None:
    """Such as "Firefox on Windows"; None when the header says nothing known."""
    if not user_agent:
        return None
    parsed = parse(user_agent)
    known = [part.family for part in (parsed.user_agent, parsed.os) if part is not None]
    return " on ".join(known)[:LONGEST_DEVICE] or None
