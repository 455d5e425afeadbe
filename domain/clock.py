"""One clock, one calendar: UTC inside, Asia/Shanghai at the edges.

Only the edges (command line, web, flows) read this clock; business functions receive `at` or `on`.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in Shanghai, whatever zone the host is in."""
    return local_day(now())


def local_day(at: datetime) -> date:
    """The Shanghai calendar day of an aware moment."""
    return at.astimezone(SHANGHAI).date()


def start_of(on: date) -> datetime:
    """The first moment of a Shanghai day, in UTC; the next day's is no longer part of it."""
    return datetime.combine(on, time.min, SHANGHAI).astimezone(UTC)


def end_of(on: date) -> datetime:
    """The first moment after a Shanghai day, in UTC."""
    return start_of(on + timedelta(days=1))
