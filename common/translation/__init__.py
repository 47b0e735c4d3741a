"""Sentences of the service in the reader's language: marked in code, translated in .po files.

Problem documents are translated by it. What subjects are called is in `profiles`.
"""

from common.translation.messages import Message, lazy_gettext, lazy_ngettext

__all__ = ["Message", "lazy_gettext", "lazy_ngettext"]
