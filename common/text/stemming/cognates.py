"""English words whose Polish stem is a Polish word's, and Polish ones with an English stem: cognates.json.

Most Latin words have stems of both languages, because nothing says which one a word is in. Of these that
would make two words one: `psychology` would be a form of `psychologia`, and `psycholog` one of `psychology`.
They find each other as translations (common/text/full_text/synonyms.json), which rank behind the
word itself.
"""

import json
from functools import lru_cache
from pathlib import Path

COGNATES = Path(__file__).with_name("cognates.json")


def language_of(token: str) -> str | None:
    """`en` or `pl` of a cognate; None of a word that may be in either.

    The token is a normalised one with its diacritics: `literature` is English, `literaturę` is not.
    """
    return _languages().get(token)


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    stored = json.loads(COGNATES.read_text(encoding="utf-8"))
    return {word: language for language, words in stored.items() for word in words}
