"""Undo: the states a profile had before its changes, listed and restored; `editing.publishing` takes them."""
