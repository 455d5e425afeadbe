"""What waits for a colleague today: for the desk's first page and for the phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain import clock
from domain.bills import reading
from domain.bills.reading import RunRow
from domain.letters import pressing
from domain.letters import reading as letters
from domain.payments import queries as payments
from gateway.web.sessions import Desk


@dataclass(frozen=True)
class Today:
    """Figures of what this colleague may see; None where they may not."""

    till: payments.Till | None
    waiting: Sequence[RunRow]
    overdue: int | None
    queued: int | None
    dead: int | None
    press: int

    @property
    def to_do(self) -> int:
        """How many things wait for them."""
        return len(self.waiting) + (self.dead or 0) + self.press


def today(desk: Desk) -> Today:
    """A question for each figure they may see."""
    session, on = desk.session, clock.local_day(desk.at)
    needs = [one for one in ("bills.approve", "bills.see", "letters.handle") if one in desk.held]
    places = desk.access.communities(session, *needs, whole=True) if needs else []
    sees = {
        need: [one.id for one in places if desk.access.may(need, community_id=one.id)]
        for need in needs
    }
    bills, posts = sees.get("bills.see"), sees.get("letters.handle")
    takes = "payments.take" in desk.held
    return Today(
        till=payments.till(session, desk.staff.id, since=clock.start_of(on)) if takes else None,
        waiting=reading.waiting(session, sees.get("bills.approve", [])),
        overdue=reading.count_overdue(session, bills, on=on) if bills is not None else None,
        queued=letters.count_queued(session, posts) if posts is not None else None,
        dead=letters.count_failed(session, posts) if posts is not None else None,
        press=pressing.waiting_for(session, desk.staff.id),
    )
