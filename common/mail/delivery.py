"""One pass over the outbox: hand over what is due, postpone what is refused, delete what is over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import Engine

from common import clock
from common.mail import claims
from common.mail.claims import ClaimedMail
from common.mail.smtp import Refused, ServerUnavailable
from common.mail.transports import Transport
from common.operations.metrics.registry import Counter, Gauge

log = structlog.get_logger()

SENT = Counter("mail_sent", "Mails that a mail server has taken")
RETRIED = Counter("mail_retried", "Attempts after which a mail waits for another one")
FAILED = Counter("mail_failed", "Mails given up: refused for good, or not sent in their time")
# Every process counts the whole outbox; the latest count is the one that holds.
WAITING = Gauge("mail_waiting", "Mails in the outbox", multiprocess_mode="livemostrecent")


@dataclass
class Report:
    """What a pass has done; `is_available`: whether the mail server answered."""

    sent: int = 0
    postponed: int = 0
    failed: int = 0
    is_available: bool = True


def never() -> bool:
    """For passes that nothing interrupts."""
    return False


def deliver_due(
    engine: Engine,
    transport: Transport,
    *,
    ignore_backoff: bool = False,
    should_stop: Callable[[], bool] = never,
) -> Report:
    """Try each mail that is due once, all with `ignore_backoff`. Raises SQLAlchemyError.

    It ends early when the mail server is away, or `should_stop` says so between two mails.
    """
    report = Report()
    for kind in claims.give_up_expired(engine, clock.now()):
        log.warning("mail given up, not sent in its time", kind=kind)
        report.failed += 1
        FAILED.inc()
    last = 0
    try:
        while not should_stop() and report.is_available:
            now = clock.now()
            due = datetime.max.replace(tzinfo=UTC) if ignore_backoff else now
            mail = claims.claim(engine, now, due, last)
            if mail is None:
                break
            last = mail.id
            _attempt(engine, transport, mail, report)
    finally:
        transport.close()
        with engine.connect() as connection:
            WAITING.set(claims.count_waiting(connection))
    return report


def _attempt(engine: Engine, transport: Transport, mail: ClaimedMail, report: Report) -> None:
    try:
        transport.deliver(mail)
    except ServerUnavailable as error:
        log.warning("mail waits, mail server away", error=str(error))
        claims.release(engine, mail)
        report.is_available = False
        return
    except Refused as refusal:
        log.warning(
            "mail refused",
            kind=mail.kind,
            code=refusal.code,
            is_permanent=refusal.is_permanent,
        )
        if refusal.is_permanent:
            claims.delete_mail(engine, mail.id)
            report.failed += 1
            FAILED.inc()
            return
    except Exception as error:
        # The sender must outlive whatever one mail does to it.
        log.error("mail not sent", kind=mail.kind, error=type(error).__name__)
    else:
        claims.delete_mail(engine, mail.id)
        log.info("mail sent", kind=mail.kind, attempts=mail.attempts)
        report.sent += 1
        SENT.inc()
        return
    claims.postpone(engine, mail, clock.now())
    report.postponed += 1
    RETRIED.inc()
