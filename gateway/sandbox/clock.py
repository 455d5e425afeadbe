"""The virtual clock: real time plus an offset that a test or the operator's panel may move."""

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.sandbox.refusals import Refused
from gateway.sandbox.store import Store

SHANGHAI = ZoneInfo("Asia/Shanghai")
FARTHEST = 20 * 366 * 24 * 3600
"""Twenty years, in seconds: beyond, some date on some page cannot be told."""
TOO_FAR = "沙盒时间最多只能往前或往后拨二十年"


class Clock:
    """Seconds since the epoch, as WeCom would see them. The offset survives a restart."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.offset = int(store.recall("clock_offset") or 0)

    def now(self) -> int:
        """This second."""
        return int(time.time()) + self.offset

    def real(self) -> int:
        """This second outside of the sandbox."""
        return int(time.time())

    def shift_to(self, offset: int) -> None:
        """Run `offset` seconds ahead of real time (behind, if negative). Refused beyond FARTHEST."""
        if abs(offset) > FARTHEST:
            raise Refused(TOO_FAR)
        self.offset = offset
        self.store.remember("clock_offset", str(offset))

    def shift_at(self, moment: datetime) -> None:
        """Make it `moment` now; a moment without a zone is Shanghai's."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        try:
            self.shift_to(int(aware.timestamp()) - int(time.time()))
        except (ValueError, OverflowError):  # before the first year somewhere on earth
            raise Refused(TOO_FAR) from None

    def day_start(self) -> int:
        """Shanghai's last midnight."""
        return int(midnight(self.now()).timestamp())

    def month_start(self) -> int:
        """Shanghai's midnight before the 1st."""
        return int(midnight(self.now()).replace(day=1).timestamp())


def local(epoch: int) -> datetime:
    """The moment on a Shanghai wall clock."""
    return datetime.fromtimestamp(epoch, SHANGHAI)


def iso(epoch: int | None) -> str | None:
    """2026-11-23T08:30:00+08:00, or None."""
    return None if epoch is None else local(epoch).isoformat()


def midnight(epoch: int) -> datetime:
    """The start of that Shanghai day."""
    return local(epoch).replace(hour=0, minute=0, second=0, microsecond=0)


def chat_time(epoch: int, now: int) -> str:
    """As a chat shows it: 08:30, 昨天 08:30, 11月23日 周一 08:30."""
    moment, today = local(epoch), midnight(now)
    if moment >= today:
        return f"{moment:%H:%M}"
    if moment >= today - timedelta(days=1):
        return f"昨天 {moment:%H:%M}"
    weekday = "一二三四五六日"[moment.weekday()]
    year = "" if moment.year == today.year else f"{moment.year}年"
    return f"{year}{moment.month}月{moment.day}日 周{weekday} {moment:%H:%M}"
