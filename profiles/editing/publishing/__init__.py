"""Publishing validated values, with the snapshot before and the event of it. Not its HTTP, not undo."""
