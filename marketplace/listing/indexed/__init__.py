"""Pages that bitmap indexes in the process decide, and these indexes. Pages by SQL are `listing.pages`'."""
