"""Channels that are refused as a whole: their letters wait, and no try is charged to them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.letters.model import Channel, ChannelPause


@dataclass(frozen=True, slots=True)
class Pause:
    """Until when a channel rests, since when it has trouble, how many times in a row, and why."""

    until: datetime
    since: datetime
    times: int
    code: str | None
    reason: str


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
    """Rest a channel; once more in a row when it was in trouble already."""
    row = insert(ChannelPause).values(
        channel=channel, until=until, since=at, times=1,
        code=None if code is None else str(code), reason=reason,
    )  # fmt: skip
    session.execute(
        row.on_conflict_do_update(
            index_elements=[ChannelPause.channel],
            set_={
                "until": row.excluded.until, "times": ChannelPause.times + 1,
                "code": row.excluded.code, "reason": row.excluded.reason,
            },
        )
    )  # fmt: skip


def over(session: Session, channel: Channel) -> None:
    """The channel works again."""
    session.execute(delete(ChannelPause).where(ChannelPause.channel == channel))
