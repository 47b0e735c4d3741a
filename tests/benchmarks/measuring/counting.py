"""What does not depend on the machine: pages touched, and PostgreSQL's own time."""

from tests.benchmarks.measuring.figures import Figures
from tests.benchmarks.servers.installation import Installation
from tests.benchmarks.workloads.questions import Questions
from tests.benchmarks.workloads.repeated import LOG


def count(figures: Figures, installation: Installation, questions: Questions, number: int) -> None:
    """Fill in what so many calls, one at a time, cost PostgreSQL on average."""
    calls = questions.rest()
    reporting = calls[0]
    quiet = [installation.pages_so_far(reporting), installation.pages_so_far(reporting)]
    database, database_log = installation.statements(calls, number)
    figures.repeated += questions.asked(number)
    after = installation.pages_so_far(reporting)
    # The calls that only made connections report are taken off.
    rest, log = (
        max(0.0, (after[kind] - 2 * quiet[1][kind] + quiet[0][kind]) / number) for kind in (0, 1)
    )
    is_of_log = calls[0].path.startswith(LOG)
    # Of a call about the log, its rows are the work itself.
    figures.database = database + database_log if is_of_log else database
    figures.database_log = 0.0 if is_of_log else database_log
    figures.pages = rest + log if is_of_log else rest
    figures.pages_log = 0.0 if is_of_log else log
