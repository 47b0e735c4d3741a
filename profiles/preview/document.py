"""The JSON form of what strangers see of a profile. Pure."""

from typing import Any

from common.translation.catalogues import translate
from common.translation.negotiation import DEFAULT_LANGUAGE
from profiles.public.visibility import Visibility


def to_document(shown: Visibility, language: str = DEFAULT_LANGUAGE) -> dict[str, Any]:
    """As `PublicPreview` describes it, its sentences in a language of the service."""
    completeness = shown.completeness
    return {
        **shown._asdict(),
        "reasons": [
            {"code": reason.code, "detail": translate(reason.detail, language)}
            for reason in shown.reasons
        ],
        "completeness": {
            **completeness._asdict(),
            "parts": [
                part._asdict()
                | {"advice": None if part.advice is None else translate(part.advice, language)}
                for part in completeness.parts
            ],
        },
    }
