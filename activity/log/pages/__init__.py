"""How a page of one person's log is found: the windows of time looked into, and the statement.

What is done with its events is not here.
"""

from activity.log.pages.event_filter import EventFilter
from activity.log.pages.statement import page_statement, page_values
from activity.log.pages.windows import windows_from

__all__ = ["EventFilter", "page_statement", "page_values", "windows_from"]
