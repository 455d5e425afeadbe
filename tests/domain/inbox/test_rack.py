"""The inbox rack: once per content, in one hand at a time, settled, tried again, replayed."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.inbox import rack, reading
from domain.inbox.model import InboundEvent
from domain.inbox.rack import Arrived
from domain.session import transaction
from tests.conftest import AT

LEASE = AT + timedelta(minutes=2)


def put(session: Session, *keys: str) -> None:
    rack.put_all(session, [Arrived(key, "enter_agent", None, b"x") for key in keys], at=AT)


def claim(session: Session, limit: int = 10, **how) -> list[rack.Taken]:
    return rack.claim(session, **{"at": AT, "lease": LEASE, **how}, limit=limit)


def test_the_same_content_is_the_same_row_in_one_handful_and_later(session: Session) -> None:
    put(session, "b", "a", "b")
    put(session, "b", "c", "c")
    rows = session.execute(
        select(InboundEvent.key, InboundEvent.repeats).order_by(InboundEvent.key)
    )
    assert [tuple(row) for row in rows] == [("a", 0), ("b", 2), ("c", 1)]


def test_two_who_claim_at_once_share_the_rack(engine) -> None:
    with transaction(engine) as session:
        put(session, *"abcd")
    with transaction(engine) as one, transaction(engine) as other:
        first, second = claim(one, 3), claim(other, 3)
    assert (len(first), len(second)) == (3, 1)
    assert not {each.id for each in first} & {each.id for each in second}


def test_a_lease_that_ran_out_is_taken_up_again_and_the_late_hand_writes_nothing(
    session: Session,
) -> None:
    put(session, "a")
    [late] = claim(session)
    assert claim(session) == []
    after = LEASE + timedelta(seconds=1)
    [again] = claim(session, at=after, lease=after + timedelta(minutes=2))
    assert (late.tries, again.tries) == (1, 2)
    rack.settle(session, [late], "zu spät", at=after)
    assert reading.latest(session, failed=False, limit=5)[0].state == "waiting"
    rack.settle(session, [again], "done", at=after)
    [line] = reading.latest(session, failed=False, limit=5)
    assert (line.state, line.outcome) == ("handled", "done")


def test_tried_again_given_up_and_replayed(session: Session) -> None:
    put(session, "a", "b")
    first, second = claim(session)
    rack.fail(session, first, "企业微信正忙", seconds=10, at=AT)
    rack.give_up(session, second, "没有权限", at=AT)
    assert rack.next_moment(session) == AT + timedelta(seconds=10)
    assert reading.counts(session) == {"waiting": 1, "handled": 0, "given_up": 1}
    assert [line.reason for line in reading.latest(session, failed=True, limit=5)] == ["没有权限"]
    assert rack.replay(session, [first.id, second.id, 10**9], at=AT) == [second.id]
    [again] = claim(session)
    assert (again.id, again.tries) == (second.id, 1)


def test_who_takes_over_waits_for_nobody(session: Session) -> None:
    put(session, "a")
    claim(session)
    rack.take_back(session, at=AT)
    assert len(claim(session)) == 1


def hint(session: Session, *, at=AT) -> None:
    rack.put_all(session, [Arrived("h", "change_contact", "update_user", b"x")], at=at)


def test_a_hint_that_comes_again_is_looked_at_again(session: Session) -> None:
    """Two changes of one member within a second read the same."""
    hint(session)
    rack.settle(session, claim(session), "没有变化", at=AT)
    later = AT + timedelta(seconds=1)
    hint(session, at=later)
    [again] = claim(session, at=later)
    assert (again.tries, again.received_at) == (1, later)


def test_a_hint_that_comes_while_it_is_in_hand_is_looked_at_again(session: Session) -> None:
    hint(session)
    in_hand = claim(session)
    hint(session)
    rack.settle(session, in_hand, "没有变化", at=AT)
    assert reading.latest(session, failed=False, limit=5)[0].state == "waiting"
    assert len(claim(session)) == 1


def test_who_plays_a_hint_back_makes_us_look_a_few_times(session: Session) -> None:
    looked = 0
    for _ in range(50):
        hint(session)
        if taken := claim(session):
            looked += 1
            rack.settle(session, taken, "没有变化", at=AT)
    assert looked == 1 + rack.MOST_AGAIN


def test_what_was_given_up_waits_for_a_person_however_often_it_comes(session: Session) -> None:
    hint(session)
    [one] = claim(session)
    rack.give_up(session, one, "没有权限", at=AT)
    hint(session)
    assert claim(session) == []
