"""Letters: every state x every verb, and what the verbs keep."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.errors import NotAllowedNow, NotFound
from domain.history.model import StatusChange
from domain.letters import outbox
from domain.letters.model import Letter
from domain.letters.model import LetterStatus as S
from statemachines import letter as machine
from statemachines.letter import LETTER
from tests.statemachines import squares

TABLE = {
    ("queued", "claim"): "sending",
    ("queued", "supersede"): "superseded",
    ("sending", "retry"): "queued",
    ("sending", "deliver"): "sent",
    ("sending", "open"): "opened",
    ("sending", "fail"): "failed",
    ("sent", "open"): "opened",
    ("failed", "requeue"): "queued",
}


@pytest.fixture
def letter(office) -> Letter:
    outbox.put(
        office.session, "letters.press_send", key="one", facts={}, at=office.at,
        staff_id=office.manager.id,
    )  # fmt: skip
    return office.session.scalars(select(Letter)).one()


def verbs(office, letter: Letter) -> list[str]:
    rows = select(StatusChange.verb).where(
        StatusChange.thing == "letter", StatusChange.thing_id == letter.id
    )
    return list(office.session.scalars(rows.order_by(StatusChange.id)))


def test_every_state_times_every_verb(office, letter):
    for status, verb in squares.cells(LETTER):
        with office.session.begin_nested() as one:
            squares.check_cell(office.session, LETTER, letter, status, verb, TABLE)
            one.rollback()


def test_a_retry_is_charged_unless_the_letter_is_not_at_fault(office, letter):
    session, by, at = office.session, office.clock, office.at
    until = at + timedelta(minutes=3)
    for charged, tries in ((True, 1), (False, 1), (True, 2)):
        assert machine.claim(session, [letter.id], until=until, by=by, at=at) == 1
        assert letter.not_before == until
        machine.retry(session, [letter.id], not_before=at, by=by, at=at, note="忙", charged=charged)
        assert (letter.status, letter.tries, letter.not_before) == (S.QUEUED, tries, at)


def test_a_lease_that_is_over_moves_nothing(office, letter):
    session, by, at = office.session, office.clock, office.at
    mine, theirs = at + timedelta(minutes=3), at + timedelta(minutes=9)
    machine.claim(session, [letter.id], until=theirs, by=by, at=at)
    assert machine.deliver(session, [letter.id], sent_at=at, by=by, at=at, lease=mine) == 0
    assert letter.status is S.SENDING
    assert machine.deliver(session, [letter.id], sent_at=at, by=by, at=at, lease=theirs) == 1
    assert (letter.status, letter.sent_at) == (S.SENT, at)


def test_a_dead_letter_is_sent_again_with_its_history(office, letter):
    session, at = office.session, office.at
    machine.claim(session, [letter.id], until=at, by=office.clock, at=at)
    machine.give_up(
        session, [letter.id], code="no_channel", reason="没有账号", by=office.clock, at=at
    )
    assert (letter.status, letter.failed_at, letter.tries) == (S.FAILED, at, 1)
    later = at + timedelta(hours=1)
    again = machine.send_again(session, letter.id, by=office.by, at=later)
    assert (again.status, again.tries, again.not_before) == (S.QUEUED, 0, later)
    assert (again.failure_code, again.failure_reason, again.failed_at) == (None, None, None)
    assert verbs(office, letter) == ["claim", "fail", "requeue"]


def test_only_a_dead_letter_can_be_sent_again(office, letter):
    with pytest.raises(NotAllowedNow, match="待发送"):
        machine.send_again(office.session, letter.id, by=office.by, at=office.at)
    with pytest.raises(NotFound):
        machine.send_again(office.session, 0, by=office.by, at=office.at)
    assert verbs(office, letter) == []


def test_opened_counts_the_first_time(office, letter):
    session, at = office.session, office.at
    machine.mark_opened(session, letter.id, by=office.by, at=at)
    assert letter.status is S.QUEUED
    machine.claim(session, [letter.id], until=at, by=office.clock, at=at)
    machine.deliver(session, [letter.id], sent_at=at, by=office.clock, at=at)
    machine.mark_opened(session, letter.id, by=office.by, at=at)
    machine.mark_opened(session, letter.id, by=office.by, at=at + timedelta(hours=1))
    assert (letter.status, letter.opened_at) == (S.OPENED, at)
