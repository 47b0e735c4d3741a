"""The words that searches ask for again and again, as bitmaps in this process: which, loaded when, and
how they follow every commit; filters are filter_index's, and what a page makes of both is
listing/indexed/search_pages.py's."""

from marketplace.listing.indexed.word_index.index import WordIndex, init_app, word_index
from marketplace.listing.indexed.word_index.state import WordState

__all__ = ["WordIndex", "WordState", "init_app", "word_index"]
