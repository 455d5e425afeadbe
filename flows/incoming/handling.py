"""A round: take due events in hand, handle each, write down what came of it."""

import logging
import traceback
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from domain.errors import BackOfficeError
from domain.inbox import rack
from domain.inbox.rack import SYNC_WANTED, Taken
from domain.session import transaction
from flows.alive import DATABASE_AWAY
from flows.incoming import cards, contacts, customers
from flows.incoming.backroom import BackRoom
from flows.incoming.events import Event, read
from flows.incoming.tally import Tally
from gateway.wecom.errors import Retry, backoff, verdict
from gateway.wecom.faults import WeComFault

HANDLERS: dict[str, Callable[[BackRoom, Event], str]] = {
    "template_card_event": cards.pressed,
    "enter_agent": contacts.entered,
    "change_contact": contacts.changed,
    "change_external_contact": customers.changed,
    SYNC_WANTED: contacts.everybody,
}
"""Event -> what is done about it. Each bears being done twice, and out of order."""

UNNEEDED = "不需要处理"
CUT_OFF = "多次处理到一半中断；请把这条记录交给系统管理员"
BUGS = (
    LookupError, TypeError, ValueError, ArithmeticError, AttributeError, AssertionError,
    RuntimeError, SQLAlchemyError,
)  # fmt: skip
"""What an event nobody thought of can raise: it must not keep the others."""

log = logging.getLogger("wuye.inbox")


def drain(room: BackRoom) -> Tally:
    """Everything that is due now, and the cards that should say so."""
    tally = Tally()
    while some := handle(room):
        tally += some
    tally.cards += cards.close_decided(room)
    return tally


def handle(room: BackRoom) -> Tally:
    """One batch; an empty tally when nothing is due."""
    at = room.now()
    with transaction(room.engine) as session:
        lease = at + room.rules.lease
        taken = rack.claim(session, at=at, lease=lease, limit=room.rules.batch)
        unneeded = [one for one in taken if one.event not in HANDLERS]
        rack.settle(session, unneeded, UNNEEDED, at=at)
    tally = Tally(unneeded=len(unneeded))
    for one in taken:
        if one.tries > room.rules.most_starts:
            _give_up(room, one, CUT_OFF, tally)
            tally.broken.append(one.id)
        elif one.event in HANDLERS:
            _handle_one(room, one, tally)
    return tally


def _handle_one(room: BackRoom, one: Taken, tally: Tally) -> None:
    """Settled, to be tried again, or given up; a database that is away is not the event's fault."""
    try:
        outcome = HANDLERS[one.event](room, read(room.vault, one))
    except WeComFault as fault:
        _fault(room, one, fault, tally)
    except BackOfficeError as refusal:
        _give_up(room, one, refusal.message, tally)
    except DATABASE_AWAY:
        raise
    except BUGS as error:
        where = "".join(traceback.format_tb(error.__traceback__))  # no message: it may quote a row
        log.error("event %s (%s): %s\n%s", one.id, one.event, type(error).__name__, where)  # noqa: TRY400
        _ours(room, one, f"处理时出错（{type(error).__name__}）；请把这条记录交给系统管理员", tally)
    else:
        with transaction(room.engine) as session:
            rack.settle(session, [one], outcome, at=room.now())
        tally.handled += 1


def _fault(room: BackRoom, one: Taken, fault: WeComFault, tally: Tally) -> None:
    found = verdict(fault, attempt=one.tries)
    if isinstance(found, Retry):
        _later(room, one, found.reason, found.after_seconds, tally)
    else:
        _give_up(room, one, found.reason, tally)


def _ours(room: BackRoom, one: Taken, reason: str, tally: Tally) -> None:
    if one.tries < room.rules.most_tries:
        _later(room, one, reason, backoff(one.tries), tally)
        return
    _give_up(room, one, reason, tally)
    tally.broken.append(one.id)


def _later(room: BackRoom, one: Taken, reason: str, seconds: int, tally: Tally) -> None:
    with transaction(room.engine) as session:
        rack.fail(session, one, reason, seconds=seconds, at=room.now())
    tally.later += 1


def _give_up(room: BackRoom, one: Taken, reason: str, tally: Tally) -> None:
    with transaction(room.engine) as session:
        rack.give_up(session, one, reason, at=room.now())
    tally.given_up += 1
