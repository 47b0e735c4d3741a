"""The translations, read from the .po files that translators edit."""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from common.translation.messages import Message
from common.translation.negotiation import DEFAULT_LANGUAGE, LANGUAGES
from common.translation.third_party_messages import recognize

LOCALE = Path(__file__).parent / "locale"
TRANSLATED = tuple(language for language in LANGUAGES if language != DEFAULT_LANGUAGE)


def po_path(language: str) -> Path:
    """The file of a language, where gettext's tools expect it."""
    return LOCALE / language / "LC_MESSAGES" / "messages.po"


def load_all() -> None:
    """Read every catalogue, so that a malformed one stops the start and not an answer."""
    for language in TRANSLATED:
        catalogue(language)


@cache
def catalogue(language: str) -> GNUTranslations:
    """The translations into `language`, compiled in memory. Raises ValueError or OSError."""
    with po_path(language).open("rb") as file:
        messages = read_po(file, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(sentence: str, language: str) -> str:
    """`sentence` in `language`: a Message, a library's sentence, or any of the catalogue's.

    What has no translation stays as it is.
    """
    if language == DEFAULT_LANGUAGE or not sentence:
        return str(sentence)
    message = sentence if isinstance(sentence, Message) else recognize(sentence)
    translations = catalogue(language)
    if message.plural is None or message.counted is None:
        template = translations.gettext(message.template)
    else:
        count = int(message.values.get(message.counted, 0))
        template = translations.ngettext(message.template, message.plural, count)
    if not message.values:
        return template
    return template.format(
        **{
            name: translate(value, language) if isinstance(value, Message) else value
            for name, value in message.values.items()
        }
    )
