"""What fields and parameters mean that mean the same wherever they stand, said once.

A schema describes what means something else there; these fill what is left.
"""

from typing import Any

Json = dict[str, Any]

FIELDS: dict[str, str] = {
    "accepted": "How many events of the batch were stored.",
    "account": "The account, without its password.",
    "action": "The name of what happened: lower case, two to five parts joined by dots.",
    "autosaved_at": "When the draft was last changed; UTC.",
    "avatar_url": "The path of the avatar, or null without one.",
    "before": "The whole profile as it was before a change.",
    "bio": "A longer text about the person; plain text, null clears it.",
    "certifications": "Certificates and diplomas, in the owner's order.",
    "dark_mode": "Whether the frontend shows itself in dark colours.",
    "data": "The draft: the sections of the profile with what has been changed in them.",
    "database": "The state of PostgreSQL.",
    "draft": "The draft that is not published yet, or null without one.",
    "duration_ms": "How long the request took that the event is about, in milliseconds.",
    "email": "The email address, which is the name to log in with.",
    "entity_id": "The id of what the event is about.",
    "entity_type": "The kind of what the event is about, such as `profile` or `marketplace`.",
    "errors": "What is wrong, by field, nested as the input is.",
    "events": "Events, each with its action and what belongs to it.",
    "experience": "How many tutors have at least so many years of experience.",
    "experience_years": "Years of experience; null when not stated.",
    "expires_at": "When it ends; UTC.",
    "exported_at": "When this document was made; UTC.",
    "first_name": "The given name.",
    "full_name": "Given name and family name, as strangers see them.",
    "has_certifications": "How many tutors show certificates, and how many do not.",
    "has_more": "Whether there is a next page.",
    "headline": "One sentence under the name; null clears it.",
    "hourly_rate": "The price of an hour in whole units of currency; null: to be agreed.",
    "id": "The id, which never changes.",
    "index": "The position in the batch that was sent, from 0.",
    "ip_address": "The network address of the request; null once it has been erased.",
    "is_active": "Whether the account may log in.",
    "is_self_learning": "True of a student who registered alone, without a tutor.",
    "issued_at": "When it began; UTC.",
    "label": "The name to show, in each language.",
    "languages": "ISO 639-1 codes of languages, the main one first.",
    "last_looked_at": "When its results were last looked at; UTC.",
    "last_name": "The family name.",
    "media": "Whether avatars can be stored.",
    "metadata": "What belongs to the event; its keys depend on the action.",
    "next": "The address of the next page, or null.",
    "next_cursor": "The cursor of the next page, or null.",
    "notifications_enabled": "Whether the person wants to be notified.",
    "password": "The password; it is never answered.",
    "previous": "The address of the previous page, or null.",
    "price": "The range of prices, and how many tutors ask for how much.",
    "profile_type": "Whose profile it is; read-only.",
    "public_profile_enabled": "Whether the profile is shown to strangers at all.",
    "redis": "The state of Redis; the service goes on without it.",
    "registered_at": "When the account was made; UTC.",
    "rejected": "The events that were not stored, and why.",
    "results": "The rows of this page, in order.",
    "reviews_count": "How many reviews the rating is made of.",
    "role": "What kind of account it is.",
    "saved_at": "When it was saved; UTC.",
    "saved_searches": "Queries of the list that were saved, the latest first.",
    "saved_tutors": "Tutors who were saved, the latest first.",
    "schema": "Whether the database has the tables of this release.",
    "sessions": "Log-ins that can still be refreshed.",
    "settings": "Settings and privacy flags, and older names of the marketplace fields.",
    "show_avatar_publicly": "Whether strangers see the avatar.",
    "show_bio_publicly": "Whether strangers see the bio.",
    "show_certifications_publicly": "Whether strangers see the certificates.",
    "show_email_publicly": "Whether strangers see the email address.",
    "show_subjects_publicly": "Whether strangers see the subjects.",
    "snapshots": "Profiles as they were before each change.",
    "source": "Who recorded it: the server itself, or a client.",
    "status": "The HTTP status of the answer, or the state of a part of the service.",
    "status_code": "The HTTP status of the request that the event is about.",
    "student_profile": "The profile of a student, else null.",
    "subjects": "Subjects taught or learnt, in the owner's order and words.",
    "timestamp": "When it happened; UTC, to the microsecond.",
    "timezone": "An IANA name such as `Europe/Kyiv`.",
    "title": "The name of the HTTP status.",
    "tutor_profile": "The profile of a tutor, else null.",
    "type": "What kind it is.",
    "ui_language": "The language of the user interface.",
    "user": "Name, role and time zone of the account.",
    "user_agent": "The browser or program that sent the request; null once it has been erased.",
    "version": "Grows by one with every change of the draft.",
}
PARAMETERS: dict[str, str] = {
    "cursor": "Where the page begins: a `next_cursor` of this list, with the same parameters.",
    "page_size": "How many rows a page holds at most.",
    "search_id": "The id of one of the caller's own saved searches.",
    "snapshot_id": "The id of one of the caller's own snapshots.",
    "session_id": "The id of one of the caller's own sessions.",
}


def describe_fields(document: Json) -> None:
    """Fill the descriptions that are missing in the document, in place."""
    for schema in document["components"]["schemas"].values():
        _describe(schema)
    for path in document["paths"].values():
        for part in path.values():
            parameters = part if isinstance(part, list) else part.get("parameters", ())
            for parameter in parameters:
                if not parameter.get("description") and parameter["name"] in PARAMETERS:
                    parameter["description"] = PARAMETERS[parameter["name"]]


def _describe(schema: Json) -> None:
    for name, field in schema.get("properties", {}).items():
        if not field.get("description") and name in FIELDS:
            field["description"] = FIELDS[name]
        _describe(field)
    for nested in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(nested, dict):
            _describe(nested)
    for combination in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(combination, ()):
            _describe(part)
