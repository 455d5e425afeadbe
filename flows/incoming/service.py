"""Who handles the inbox: one process per database, awake when an event is put in."""

from collections.abc import Callable
from datetime import datetime

from domain.errors import Conflict
from domain.inbox import rack
from domain.letters.bell import bell
from domain.session import transaction
from flows.alive import Post, keep
from flows.incoming.backroom import KEEPER, BackRoom
from flows.incoming.handling import drain
from flows.incoming.tally import Tally


class AlreadyHandling(Conflict):
    """Another process handles the inbox."""

    code = "already_handling"


def once(room: BackRoom) -> Tally:
    """Handle what is due now; AlreadyHandling when somebody does."""
    with bell(room.engine, lock=KEEPER, channel=rack.WAKE_CHANNEL) as held:
        if held is None:
            raise AlreadyHandling("已有一个收件处理在运行，不用再开")
        _take_back(room)
        return drain(room)


def serve(
    room: BackRoom,
    *,
    until: datetime,
    heard: Callable[[Tally], None],
    complain: Callable[[str], None],
) -> bool:
    """Handle events until a moment; False when another process does. `heard` gets each round."""
    fresh = True

    def round_() -> None:
        nonlocal fresh
        if fresh:
            _take_back(room)
            fresh = False
        heard(drain(room))

    def away(sentence: str) -> None:
        nonlocal fresh
        fresh = True
        complain(sentence)

    post = Post(
        engine=lambda: room.engine, lock=KEEPER, channel=rack.WAKE_CHANNEL,
        now=lambda: room.now(), round_=round_, next_due=lambda: _next_due(room),  # noqa: PLW0108
    )  # fmt: skip
    return keep(post, until=until, complain=away)


def _take_back(room: BackRoom) -> None:
    with transaction(room.engine) as session:
        rack.take_back(session, at=room.now())


def _next_due(room: BackRoom) -> datetime | None:
    with transaction(room.engine) as session:
        return rack.next_moment(session)
