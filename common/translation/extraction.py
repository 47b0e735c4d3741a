"""`python -m common.translation.extraction`: brings the .po files up to date with the code.

New messages are added without a translation, and those that the code no longer has are removed.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from common.translation.catalogues import TRANSLATED, po_path

ROOT = Path(__file__).parents[2]
DOMAINS = ("common", "activity", "profiles", "marketplace", "fixtures")
# Of the arguments, those that are message ids.
KEYWORDS = {"lazy_gettext": (1,), "lazy_ngettext": (1, 2)}
# A sentence stays on one line, so that it can be searched for.
LINE_WIDTH = 10_000


def extract_messages() -> Catalog:
    """The message ids in the code, with the files they stand in."""
    catalogue = Catalog(project="Tutor marketplace", charset="utf-8")
    for path, message_id, comments in _extracted():
        catalogue.add(message_id, locations=[(path, 0)], auto_comments=comments)
    return catalogue


def _extracted() -> Iterator[tuple[str, str | tuple[str, ...], list[str]]]:
    for domain in DOMAINS:
        found = extract_from_dir(
            ROOT / domain,
            method_map=[("**.py", "python")],
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
            strip_comment_tags=True,
        )
        for path, _, message_id, comments, _ in sorted(found, key=itemgetter(0, 1)):
            yield f"{domain}/{path}", message_id, comments


def read_catalogue(language: str) -> Catalog:
    """A language's .po file as it stands."""
    with po_path(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def update(path: Path, language: str, template: Catalog) -> list[str]:
    """Rewrite the .po file at `path`; the messages in it that have no translation."""
    catalogue = read_catalogue(language)
    # Nothing in the header that changes by itself, or that only asks to be filled in.
    template.creation_date = catalogue.revision_date = catalogue.creation_date
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = ""
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    with path.open("wb") as file:
        write_po(
            file,
            catalogue,
            width=LINE_WIDTH,
            sort_by_file=True,
            ignore_obsolete=True,
            include_lineno=False,
        )
    return [
        str(message.id) for message in catalogue if message.id and not is_complete(message.string)
    ]


def is_complete(string: str | Sequence[str] | None) -> bool:
    """Whether a translation has a text in each of its plural forms."""
    forms = [string] if isinstance(string, str) else string or ()
    return bool(forms) and all(forms)


def main() -> None:
    template = extract_messages()
    for language in TRANSLATED:
        path = po_path(language)
        missing = update(path, language, template)
        print(f"{path.relative_to(ROOT)}: {len(missing)} without a translation")
        for message in missing:
            print(f"  {message}")


if __name__ == "__main__":
    main()
