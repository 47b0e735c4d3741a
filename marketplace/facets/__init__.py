"""Counts beside the list: what each further filter would leave. Not the list itself."""
