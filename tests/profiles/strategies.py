"""Values and documents of profiles, drawn at random: `published` ones keep every rule."""

from typing import Any

from hypothesis import strategies as st

from profiles.accounts.fields.timezones import timezones
from profiles.editing.fields.names import FIELD_AT, names_by_section
from profiles.languages import LANGUAGES

# Free texts are cleaned of what is left out here.
TEXT = st.characters(
    exclude_categories=["Cs", "Cc", "Zl", "Zp"],
    exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    "\ufff9\ufffa\ufffb\ufffc",
)
WORDS = st.text("абвгґдеєжзиіїйabcXYZЇ", min_size=1, max_size=12)

_phrases = st.lists(WORDS, max_size=5, unique_by=str.casefold)
_flags = st.booleans()

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "user.first_name": WORDS,
    "user.last_name": WORDS,
    "user.timezone": st.sampled_from(sorted(timezones())),
    "tutor_profile.headline": st.text(TEXT, max_size=120) | st.none(),
    "tutor_profile.bio": st.text(TEXT, max_size=200) | st.none(),
    "tutor_profile.subjects": _phrases,
    "tutor_profile.certifications": st.lists(WORDS, max_size=5),
    "tutor_profile.hourly_rate": st.none() | st.integers(0, 100_000),
    "tutor_profile.experience_years": st.none() | st.integers(0, 80),
    "tutor_profile.languages": st.lists(
        st.sampled_from(sorted(LANGUAGES)), max_size=4, unique=True
    ),
    "settings.ui_language": st.sampled_from(["uk", "en", "pl"]),
    "settings.dark_mode": _flags,
    "settings.notifications_enabled": _flags,
    "settings.public_profile_enabled": _flags,
    "settings.show_email_publicly": _flags,
    "settings.show_avatar_publicly": _flags,
    "settings.show_certifications_publicly": _flags,
    "settings.show_subjects_publicly": _flags,
    "settings.show_bio_publicly": _flags,
}
# A draft may hold what could not be published.
UNFINISHED: dict[str, st.SearchStrategy[Any]] = VALUES | {
    "user.first_name": st.none() | st.text(TEXT, max_size=20),
    "tutor_profile.hourly_rate": st.none() | st.integers(-1000, 10**9),
    "tutor_profile.subjects": st.none() | st.lists(st.text(TEXT, max_size=10), max_size=3),
    "user.timezone": st.text("Europe/Kyiv", max_size=12),
}
NAMES: dict[str, list[tuple[str, str]]] = {}
for section, names in names_by_section("tutor").items():
    for name, known in names.items():
        if not known.is_read_only:
            NAMES.setdefault(known.field.path, []).append((section, name))
assert set(NAMES) == set(VALUES), "a new field of a tutor needs a strategy here"


def values(finished: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Some values of a tutor by canonical name."""
    source = VALUES if finished else UNFINISHED
    return st.fixed_dictionaries({}, optional=source)


@st.composite
def bodies(draw: st.DrawFn, finished: bool = True) -> dict[str, dict[str, Any]]:
    """Some values as a client might send them, each by one of its names."""
    body: dict[str, dict[str, Any]] = {}
    for path, value in draw(values(finished)).items():
        section, name = draw(st.sampled_from(NAMES[path]))
        body.setdefault(section, {})[name] = value
    return body


def by_canonical_name(body: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The values of `body` by canonical name, made independently of the code under test."""
    canonical = {name: path for path, names in NAMES.items() for name in names}
    return {
        canonical[section, name]: value
        for section, content in body.items()
        for name, value in content.items()
    }


def stored(path: str, value: Any) -> Any:
    """What publishing a valid value stores."""
    field = FIELD_AT[path]
    return field.null_value if value is None else value
