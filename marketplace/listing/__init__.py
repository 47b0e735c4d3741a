"""What finds tutors: the typed query, its SQL, its bitmaps and its readers. Not its HTTP or its caches."""
