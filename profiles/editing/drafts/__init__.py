"""Unpublished changes: merged, stored, discarded. Publishing them is `profiles.editing.publishing.publish`."""
