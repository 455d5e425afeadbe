"""Why a letter waits: what the delivery goes by, told back."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.history.model import StatusChange
from domain.letters.model import Channel, ChannelPause, Letter, LetterAttempt, LetterStatus, Outcome
from domain.letters.waiting import Quota, Wait, reasons

AT = datetime(2026, 11, 25, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOMORROW = datetime(2026, 11, 26, 1, tzinfo=UTC)
QUOTA = Quota(per_day=1, per_month=4)


@pytest.fixture
def rack(office):
    """Letters to one owner and to a colleague."""
    office.owner = office.person("欧阳文静")
    office.bound(office.owner, "wm-owner")
    return office


def letter(rack, *, to_staff=False, **also) -> Letter:
    to = {"staff_id": rack.manager.id} if to_staff else {"person_id": rack.owner.id}
    facts = {"status": LetterStatus.QUEUED, "queued_at": AT, "not_before": AT, **to, **also}
    key = f"letter {len(rack.letters())}"
    return rack._add(
        Letter(community_id=rack.community.id, kind="bill.issued", key=key, facts={}, **facts)
    )


def mass(rack, of: Letter, outcome=Outcome.SENT, *, at=AT, settled_at=None) -> None:
    rack._add(
        LetterAttempt(
            letter_id=of.id, number=1, channel=Channel.MASS_MESSAGE, outcome=outcome, at=at,
            receiver="wm-owner", sender_userid="Manager", settled_at=settled_at,
        )
    )  # fmt: skip


def why(rack, one: Letter, at=AT) -> Wait:
    return reasons(rack.session, [one.id], quota=QUOTA, at=at)[one.id]


def test_a_letter_that_is_due_goes_next_unless_nobody_delivers(rack):
    one = letter(rack)
    assert why(rack, one) == Wait("next", since=AT)
    assert why(rack, one, AT + HOUR) == Wait("nobody_delivers", since=AT)
    assert why(rack, letter(rack, to_staff=True)).why == "next"


def test_a_mass_message_waits_for_its_colleague(rack):
    handed = letter(rack, status=LetterStatus.SENDING, not_before=TOMORROW)
    assert why(rack, handed) == Wait("in_hand")
    mass(rack, handed, Outcome.AWAITING_STAFF)
    assert why(rack, handed) == Wait("to_press", who="周经理", since=AT)
    next_one = letter(rack, not_before=TOMORROW)
    assert why(rack, next_one) == Wait("another_to_press", TOMORROW, "周经理", AT)


def test_a_message_with_an_unknown_end_holds_the_next(rack):
    mass(rack, letter(rack, status=LetterStatus.SENDING), Outcome.UNKNOWN)
    assert why(rack, letter(rack, not_before=TOMORROW)) == Wait("another_under_way", TOMORROW)


def test_one_mass_message_a_day_and_four_a_month(rack):
    mass(rack, letter(rack, status=LetterStatus.SENT), settled_at=AT - HOUR)
    assert why(rack, letter(rack)) == Wait("had_one_today")
    assert why(rack, letter(rack, not_before=TOMORROW)) == Wait("had_one_today", TOMORROW)
    for days in (3, 6, 9):
        ago = AT - timedelta(days=days)
        mass(rack, letter(rack, status=LetterStatus.SENT), at=ago, settled_at=ago)
    later = letter(rack, not_before=TOMORROW + HOUR)
    assert why(rack, later, TOMORROW) == Wait("had_enough_this_month", TOMORROW + HOUR)
    assert why(rack, letter(rack, to_staff=True)).why == "next", "the limit is the owner's"


def test_a_try_that_failed_says_why_and_when_it_goes_on(rack):
    one = letter(rack, to_staff=True, not_before=AT + HOUR, tries=1)
    assert why(rack, one) == Wait("later", AT + HOUR)
    for note in ("企业微信没有回应", "企业微信忙"):
        rack._add(
            StatusChange(
                thing="letter", thing_id=one.id, verb="retry", from_status="sending", at=AT,
                to_status="queued", actor_kind="clock", actor_name="deliver-letters", note=note,
            )
        )  # fmt: skip
    assert why(rack, one) == Wait("tried_before", AT + HOUR, note="企业微信忙")


def test_a_resting_channel_is_said_first_and_only_for_its_letters(rack):
    rack._add(
        ChannelPause(
            channel=Channel.MASS_MESSAGE, until=AT + HOUR, since=AT, times=1, reason="接口已停用"
        )
    )
    one = letter(rack)
    assert why(rack, one) == Wait("channel_rests", AT + HOUR, note="接口已停用")
    assert why(rack, one, AT + 2 * HOUR).why == "nobody_delivers"
    assert why(rack, letter(rack, to_staff=True)).why == "next"


def test_what_has_arrived_or_is_dead_does_not_wait(rack):
    done = [
        letter(rack, status=status).id
        for status in (LetterStatus.SENT, LetterStatus.OPENED, LetterStatus.FAILED)
    ]
    assert reasons(rack.session, done, quota=QUOTA, at=AT) == {}
