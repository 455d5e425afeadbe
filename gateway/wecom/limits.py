"""WeCom's sending limits as policy. Pure: what was sent so far comes from the database.

What is sent over a member's limit WeCom drops in silence, so these are kept on our side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WINDOWS = ((timedelta(minutes=1), 30), (timedelta(hours=1), 1000))


@dataclass(frozen=True)
class Rate:
    """How fast an app may call: `per_second` on average, `burst` at once."""

    per_second: float
    burst: int


@dataclass(frozen=True)
class Bucket:
    """The permits left at a moment."""

    permits: float
    at: datetime


def full(rate: Rate, *, at: datetime) -> Bucket:
    """A bucket nobody has taken from."""
    return Bucket(float(rate.burst), at)


def take(bucket: Bucket, rate: Rate, *, at: datetime, count: int = 1) -> tuple[Bucket, timedelta]:
    """Take `count` permits; the new bucket, and how long to wait before they may be used.

    The permits are taken even when there is a wait, so callers queue up behind each other.
    A clock that steps back neither adds nor removes permits.
    """
    if not 1 <= count <= rate.burst:
        raise ValueError(f"1 to {rate.burst} permits at once, not {count}")
    now = max(at, bucket.at)
    refilled = bucket.permits + (now - bucket.at).total_seconds() * rate.per_second
    left = min(refilled, float(rate.burst)) - count
    wait = timedelta(seconds=max(-left, 0.0) / rate.per_second)
    return Bucket(left, now), wait


def member_free_at(
    sent: Sequence[datetime],
    *,
    at: datetime,
    windows: Sequence[tuple[timedelta, int]] = WINDOWS,
) -> datetime:
    """When the next message to one member may go: 30 a minute and 1000 an hour, sliding.

    `sent`: when messages to the member went out in the last hour, newest first (what is beyond
    the first 1000 does not matter). A time at or before `at` means now.
    """
    ends = [sent[limit - 1] + window for window, limit in windows if len(sent) >= limit]
    return max([at, *ends])


@dataclass(frozen=True)
class MassPolicy:
    """How many mass messages one customer gets. The strictest reading of WeCom's rule."""

    per_day: int = 1
    per_month: int = 4


def mass_free_on(sent_on: Sequence[date], *, on: date, policy: MassPolicy | None = None) -> date:
    """The first day from `on` on which one more mass message to a customer is allowed.

    `sent_on`: the Shanghai days of his mass messages this month and later, in any order.
    """
    policy = policy or MassPolicy()
    day = on
    while not _has_room(sent_on, day, policy):
        day += timedelta(days=1)
    return day


def _has_room(sent_on: Sequence[date], day: date, policy: MassPolicy) -> bool:
    this_month = [one for one in sent_on if (one.year, one.month) == (day.year, day.month)]
    return this_month.count(day) < policy.per_day and len(this_month) < policy.per_month
