"""Documents as PostgreSQL's text search stores them: as a literal to cast, or as parts to join."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain, groupby, islice

from common.text.full_text.tsquery import quote
from common.text.lexemes import document_terms

# PostgreSQL's own limits. A vector holds a megabyte; some room is left for its padding.
MAX_POSITION = 16_383
MAX_LEXEME_BYTES = 2_046
MAX_BYTES = 900_000
# The bytes of a lexeme's position and padding.
LEXEME_OVERHEAD = 6
# Characters; longer sentences are hardly ever repeated.
LONGEST_CACHED_SENTENCE = 300

# The lexemes at each position; a gap has none.
Positions = Iterable[tuple[str, ...]]


class _Piece:
    """Analysed text that may come again, at another position."""

    def __init__(self, positions: Positions, marks: str, weight: str) -> None:
        self._terms = [_marked(each, marks) for each in positions]
        self._weight = weight
        self.kind = marks, weight
        self.is_marked = bool(marks)
        self.length = len(self._terms)
        # The position of the last lexeme, from 1 on; 0 if there is none.
        self.end = max((place for place, each in enumerate(self._terms, 1) if each), default=0)
        self.size = sum(_size(each) for each in self._terms)
        self.words = tuple(
            dict.fromkeys(lexeme for each in self._terms for lexeme in each if lexeme.isalpha())
        )

    def literal(self, start: int) -> str:
        """Its vector's literal, if it begins after the position `start`."""
        return self._literal % tuple([start + each for each in self.offsets])

    @cached_property
    def _literal(self) -> str:
        """All but the positions."""
        lexemes = (quote(lexeme).replace("%", "%%") for each in self._terms for lexeme in each)
        return " ".join(f"{lexeme}:%d{self._weight}" for lexeme in lexemes)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The position of every occurrence of a lexeme, from 1 on, in order."""
        return tuple(offset for offset, each in enumerate(self._terms, 1) for _ in each)


# Pieces in a row, each with the positions that it begins after the last lexeme before it.
Part = tuple[tuple[_Piece, int], ...]


def _kind(place: tuple[_Piece, int]) -> tuple[str, str]:
    return place[0].kind


def part_text(part: Part) -> str:
    """The literal of a part's vector."""
    position = 0
    literals = []
    for piece, gap in part:
        literals.append(piece.literal(position + gap))
        position += gap + piece.end
    return " ".join(literals)


def _marked(lexemes: tuple[str, ...], marks: str) -> tuple[str, ...]:
    """The lexemes, and once more behind each mark."""
    return lexemes + tuple(mark + lexeme for mark in marks for lexeme in lexemes)


def _size(lexemes: Iterable[str]) -> int:
    """The bytes that these may take, with their positions and padding."""
    return sum(len(lexeme.encode()) + LEXEME_OVERHEAD for lexeme in lexemes)


@lru_cache(maxsize=2_048)
def _literal(lexemes: tuple[str, ...]) -> tuple[str, int]:
    """The literal of those lexemes that PostgreSQL can store, and the bytes that they may take."""
    sizes = {lexeme: _size((lexeme,)) for lexeme in lexemes}
    fitting = [lexeme for lexeme in lexemes if sizes[lexeme] <= MAX_LEXEME_BYTES]
    return " ".join(map(quote, fitting)), sum(sizes[lexeme] for lexeme in fitting)


def _sentences(text: str) -> list[str]:
    """No word stretches over a full stop and a space."""
    return text.split(". ")


@lru_cache(maxsize=4_096)
def _sentence(sentence: str, marks: str, is_name: bool, weight: str) -> _Piece:
    return _Piece(document_terms(sentence, is_name), marks, weight)


@lru_cache(maxsize=1_024)
def _texts(texts: tuple[str, ...], marks: str, weight: str) -> _Piece:
    """Texts in a row, each after a gap."""
    positions: list[tuple[str, ...]] = []
    for text in texts:
        positions.append(())
        for sentence in _sentences(text):
            positions += document_terms(sentence)
    return _Piece(positions, marks, weight)


class TsvectorBuilder:
    """Builds a tsvector from several texts, and from lexemes without positions.

    A mark is one character that no word, stem or filter begins with. What is added with marks is
    found by a query behind any of them, too, so one index knows where a word stands. A weight is one
    of PostgreSQL's four (A to D, the default): it tells texts apart that have the same marks, which
    costs no room but cannot be indexed.
    """

    def __init__(self) -> None:
        # Those that have lexemes, in order, as in a `Part`.
        self._pieces: list[tuple[_Piece, int]] = []
        # The position of the last lexeme.
        self._end = 0
        # Quoted, some at a time.
        self._lexemes: list[str] = []
        self._bytes = 0
        self._position = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TsvectorBuilder) and self.text() == other.text()

    def add(
        self, text: str, marks: str = "", is_name: bool = False, weight: str = ""
    ) -> "TsvectorBuilder":
        """Append a text; a gap before it keeps a phrase from running over from the last one.

        What is added as a name is also found in the other alphabet.
        """
        self._position += 1
        # Names of subjects and sentences such as "The first lesson is free" come again and again:
        # each is analysed once.
        for sentence in _sentences(text):
            if len(sentence) <= LONGEST_CACHED_SENTENCE:
                self._append(_sentence(sentence, marks, is_name, weight))
            else:
                fitting = self._fitting(document_terms(sentence, is_name), marks)
                self._append(_Piece(fitting, marks, weight))
        return self

    def add_all(
        self, texts: tuple[str, ...], marks: str = "", weight: str = ""
    ) -> "TsvectorBuilder":
        """Append each of some texts that often come together."""
        if not self._append(_texts(texts, marks, weight)):
            for text in texts:
                self.add(text, marks, weight=weight)
        return self

    def _append(self, piece: _Piece) -> bool:
        """Append it if it fits."""
        start = self._position
        if start + piece.length > MAX_POSITION or self._bytes + piece.size > MAX_BYTES:
            return False
        if piece.end:
            self._pieces.append((piece, start - self._end))
            self._end = start + piece.end
        self._position += piece.length
        self._bytes += piece.size
        return True

    def _fitting(self, positions: Positions, marks: str) -> Iterator[tuple[str, ...]]:
        """The first of the positions, as many as there is room for."""
        places, room = MAX_POSITION - self._position, MAX_BYTES - self._bytes
        for terms in islice(positions, max(0, places)):
            room -= _size(_marked(terms, marks))
            if room < 0:
                return
            yield terms

    def add_lexeme(self, lexeme: str) -> "TsvectorBuilder":
        """A lexeme to filter by, which ranks nothing."""
        size = _size((lexeme,))
        if size <= MAX_LEXEME_BYTES and self._bytes + size <= MAX_BYTES:
            self._lexemes.append(quote(lexeme))
            self._bytes += size
        return self

    def add_lexemes(self, lexemes: tuple[str, ...]) -> "TsvectorBuilder":
        """Lexemes to filter by that often come together."""
        literal, size = _literal(lexemes)
        if self._bytes + size <= MAX_BYTES:
            self._lexemes.append(literal)
            self._bytes += size
        else:
            for lexeme in lexemes:
                self.add_lexeme(lexeme)
        return self

    @property
    def words(self) -> Sequence[str]:
        """The lexemes made of letters alone, folded words but no stems: those added with marks come first."""
        return list(dict.fromkeys(chain.from_iterable(self.word_groups)))

    @property
    def word_groups(self) -> Sequence[tuple[str, ...]]:
        """The same by sentence. Words may come again, and other documents may have the same tuples."""
        marked = [piece.words for piece, _ in self._pieces if piece.is_marked]
        return marked + [piece.words for piece, _ in self._pieces if not piece.is_marked]

    def text(self) -> str:
        """The literal for `%s::tsvector`.

        What comes several times is written several times: PostgreSQL joins it when it reads.
        """
        return " ".join(filter(None, [part_text(tuple(self._pieces)), self.lexemes()]))

    def parts(self) -> Iterator[Part]:
        """The vectors that make up this one, joined by `||` in order, but for the lexemes without
        positions. A part that other documents have too is equal and has the same text.

        What has the same marks and weight is one part: a name, a headline, or the names of some
        subjects in all languages, which often come together. Of a text without marks the first
        sentence, which is the most particular one, is a part, and the others are in twos: longer
        parts would be joined sooner, but fewer documents would share them.
        """
        for (marks, _), run in groupby(self._pieces, _kind):
            pieces = tuple(run)
            if marks:
                yield pieces
            else:
                yield pieces[:1]
                for place in range(1, len(pieces), 2):
                    yield pieces[place : place + 2]

    def lexemes(self) -> str:
        """The literal of the lexemes without positions."""
        return " ".join(filter(None, self._lexemes))
