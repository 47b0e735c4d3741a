"""Who passes which filter, as bitmaps in the process: exact counts without a scan. Public values only.

How these answer a page or facets is decided by their callers; SQL answers where there are none.
"""

from marketplace.listing.indexed.filter_index.bitmaps import FilterBitmaps
from marketplace.listing.indexed.filter_index.index import FilterIndex, filter_index, init_app

__all__ = ["FilterBitmaps", "FilterIndex", "filter_index", "init_app"]
