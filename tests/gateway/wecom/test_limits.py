"""WeCom's limits as policy."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wecom.limits import (
    Bucket,
    MassPolicy,
    Rate,
    full,
    mass_free_on,
    member_free_at,
    take,
)

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
RATE = Rate(per_second=10, burst=5)
NONE = timedelta(0)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_a_burst_goes_at_once_and_the_rest_queues_up() -> None:
    bucket, waits = full(RATE, at=AT), []
    for _ in range(8):
        bucket, wait = take(bucket, RATE, at=AT)
        waits.append(round(wait.total_seconds(), 6))
    assert waits == [0, 0, 0, 0, 0, 0.1, 0.2, 0.3]


def test_permits_come_back_with_time_but_not_beyond_the_burst() -> None:
    empty = Bucket(0, AT)
    assert take(empty, RATE, at=AT + seconds(0.2), count=2)[1] == NONE
    assert take(empty, RATE, at=AT + timedelta(days=1))[0].permits == 4


def test_a_clock_that_steps_back_gives_and_takes_nothing() -> None:
    bucket, wait = take(Bucket(2, AT), RATE, at=AT - seconds(60))
    assert (bucket, wait) == (Bucket(1, AT), NONE)


@pytest.mark.parametrize("count", [0, 6, -1])
def test_more_than_a_burst_at_once_is_a_bug(count: int) -> None:
    with pytest.raises(ValueError, match="permits"):
        take(full(RATE, at=AT), RATE, at=AT, count=count)


@given(st.lists(st.floats(0, 3), max_size=60))
def test_no_second_sees_more_than_burst_and_rate(gaps: list[float]) -> None:
    bucket, at, used = full(RATE, at=AT), AT, []
    for gap in gaps:
        at += seconds(gap)
        bucket, wait = take(bucket, RATE, at=at)
        used.append(at + wait)
    for start in used:
        within = [one for one in used if start <= one < start + seconds(1)]
        assert len(within) <= RATE.burst + RATE.per_second + 1


def test_the_thirty_first_message_waits_for_the_first_to_be_a_minute_old() -> None:
    sent = [AT - seconds(n) for n in range(30)]
    assert member_free_at(sent[:29], at=AT) == AT
    assert member_free_at(sent, at=AT) == AT + seconds(31)
    assert member_free_at(sent, at=AT + seconds(31)) == AT + seconds(31)


def test_the_thousandth_of_an_hour_waits_longer() -> None:
    sent = [AT - seconds(3 * n) for n in range(1000)]
    assert member_free_at(sent, at=AT) == sent[-1] + timedelta(hours=1)


@given(st.integers(31, 120))
def test_a_member_never_gets_more_than_thirty_in_any_minute(wanted: int) -> None:
    sent: list[datetime] = []
    at = AT
    for _ in range(wanted):
        at = member_free_at(sent[:1000], at=at)
        sent.insert(0, at)
    for one in sent:
        assert sum(one <= other < one + timedelta(minutes=1) for other in sent) <= 30


NOV = [date(2026, 11, day) for day in (2, 9, 16)]


@pytest.mark.parametrize(
    ("sent_on", "on", "free"),
    [
        ([], date(2026, 11, 23), date(2026, 11, 23)),
        ([date(2026, 11, 23)], date(2026, 11, 23), date(2026, 11, 24)),
        ([date(2026, 11, 24), date(2026, 11, 23)], date(2026, 11, 23), date(2026, 11, 25)),
        ([*NOV, date(2026, 11, 20)], date(2026, 11, 23), date(2026, 12, 1)),
        ([*NOV, date(2026, 10, 30)], date(2026, 11, 23), date(2026, 11, 23)),
        ([*NOV, date(2026, 11, 30), date(2026, 12, 1)], date(2026, 11, 30), date(2026, 12, 2)),
        ([date(2026, 12, 31)], date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_one_mass_message_a_day_and_four_a_month(sent_on: list[date], on: date, free: date) -> None:
    assert mass_free_on(sent_on, on=on) == free


def test_the_policy_can_be_loosened() -> None:
    every_day = MassPolicy(per_day=1, per_month=31)
    assert mass_free_on(
        [*NOV, date(2026, 11, 20)], on=date(2026, 11, 23), policy=every_day
    ) == date(2026, 11, 23)
