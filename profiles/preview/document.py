"""The JSON form of what strangers see of a profile. Pure."""

from typing import Any

from profiles.public.visibility import Visibility


def to_document(shown: Visibility) -> dict[str, Any]:
    """As `PublicPreview` describes it."""
    completeness = shown.completeness
    return {
        **shown._asdict(),
        "reasons": [reason._asdict() for reason in shown.reasons],
        "completeness": {
            **completeness._asdict(),
            "parts": [part._asdict() for part in completeness.parts],
        },
    }
