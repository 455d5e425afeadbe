"""Channels that are refused as a whole: their letters wait, and no try is charged to them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.letters.model import Channel, ChannelPause


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when a channel rests, since when it has trouble, why, and how many times in a row it
    met just this.
    """

    until: datetime
    since: datetime
    times: int
    code: str | None
    reason: str

    def met(self, code: int | None) -> bool:
        """Whether this code is what it met."""
        return self.code == _kept(code)


def standing(session: Session) -> dict[Channel, Pause]:
    """The channels in trouble. One whose `until` has passed is being tried with a single letter."""
    rows = session.execute(
        select(
            ChannelPause.channel, ChannelPause.until, ChannelPause.since, ChannelPause.times,
            ChannelPause.code, ChannelPause.reason,
        )
    )  # fmt: skip
    return {channel: Pause(*pause) for channel, *pause in rows}


def pause(
    session: Session,
    channel: Channel,
    *,
    until: datetime,
    at: datetime,
    code: int | None,
    reason: str,
) -> None:
    """Rest a channel; once more in a row when it met this before, the first time when another."""
    row = insert(ChannelPause).values(
        channel=channel, until=until, since=at, times=1,
        code=_kept(code), reason=reason,
    )  # fmt: skip
    same = ChannelPause.code.is_not_distinct_from(row.excluded.code)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[ChannelPause.channel],
            set_={
                "until": row.excluded.until, "times": case((same, ChannelPause.times + 1), else_=1),
                "code": row.excluded.code, "reason": row.excluded.reason,
            },
        )
    )  # fmt: skip


def _kept(code: int | None) -> str | None:
    return None if code is None else str(code)


def over(session: Session, channel: Channel) -> None:
    """The channel works again."""
    session.execute(delete(ChannelPause).where(ChannelPause.channel == channel))
