"""One household at the counter: who lives there, what is owed, what was just taken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import Request, Response

from domain import clock
from domain.bills import reading
from domain.bills.reading import BillRow, ItemSum
from domain.payments import queries as payments
from domain.payments.model import PrepaymentAccount
from domain.people import queries as people
from domain.rooms import queries as rooms
from domain.staff.model import FieldAccess, PersonalField
from gateway.web.pages import page
from gateway.web.sessions import Desk

LATELY = 5


@dataclass(frozen=True)
class Group:
    """Bills of one payer on this page; `ready` ones are chosen unless the cashier says otherwise."""

    title: str
    bills: Sequence[BillRow]
    ready: bool

    @property
    def owed_fen(self) -> int:
        """What the group comes to."""
        return sum(bill.owed_fen for bill in self.bills)


@dataclass(frozen=True)
class Household:
    """Everything the room page shows."""

    room: rooms.RoomFacts
    residents: Sequence[people.Resident]
    groups: Sequence[Group]
    items: dict[int, list[ItemSum]]
    accounts: dict[int, PrepaymentAccount]
    lately: Sequence[payments.Taken]

    @property
    def payers(self) -> list[people.Resident]:
        """Who pays for the room now."""
        return [one for one in self.residents if one.is_payer]


@dataclass(frozen=True)
class Entered:
    """What the cashier has typed, kept when something is refused."""

    bill_ids: Sequence[int] = ()
    amount: str = ""
    method: str = "cash"
    note: str = ""


def at(desk: Desk, room_id: int) -> Household:
    """The household of a room, where the colleague may take money; else a refusal."""
    session, on = desk.session, clock.local_day(desk.at)
    room = rooms.facts(session, room_id)
    desk.may("payments.take", community_id=room.community_id)
    residents = _shown(desk, room, people.residents(session, room_id, on=on))
    payers = [one.person_id for one in residents if one.is_payer]
    owing = reading.owing_around(session, room_id, payers)
    return Household(
        room=room,
        residents=residents,
        groups=_groups(owing, room_id, payers),
        items=reading.items(session, [bill.id for bill in owing]),
        accounts=payments.prepaid(session, payers, community_id=room.community_id),
        lately=payments.around(session, room_id, limit=LATELY),
    )


def _shown(
    desk: Desk, room: rooms.RoomFacts, found: Sequence[people.Resident]
) -> list[people.Resident]:
    """The residents with as much of their phones as the colleague's roles show."""
    level = desk.access.field(PersonalField.PHONE, community_id=room.community_id)
    if level != FieldAccess.NONE:
        return list(found)
    return [replace(one, phone_masked=None) for one in found]


def show(
    request: Request,
    desk: Desk,
    home: Household,
    *,
    only: str = "",
    entered: Entered | None = None,
    refusal: str = "",
    status: int = 200,
) -> Response:
    """The room page: ready to take everything, or as the cashier left it before a refusal."""
    bills = [bill for group in home.groups for bill in group.bills]
    ready = [bill for group in home.groups if group.ready for bill in group.bills]
    picked = [bill for bill in bills if bill.no == only] or ready
    if entered is not None:
        picked = [bill for bill in bills if bill.id in entered.bill_ids]
    owed = sum(bill.owed_fen for bill in picked)
    if entered is None:
        entered = Entered(amount=f"{owed // 100}.{owed % 100:02d}")
    return page(
        request, "desk/room.html", status=status, desk=desk, home=home, refusal=refusal,
        chosen={bill.id for bill in picked}, chosen_fen=owed, entered=entered,
    )  # fmt: skip


def _groups(owing: Sequence[BillRow], room_id: int, payers: Sequence[int]) -> list[Group]:
    """The payer's own bills here first; others' debts and other rooms only when somebody says so."""
    here = [bill for bill in owing if bill.room_id == room_id]
    own = [bill for bill in here if bill.payer_id is None or bill.payer_id in payers]
    others = [bill for bill in here if bill not in own]
    elsewhere = [bill for bill in owing if bill.room_id != room_id]
    found = [
        Group("本房待收账单", own, ready=True),
        Group("以前的缴费人欠下的账单", others, ready=not own),
        Group("同一缴费人的其他房屋", elsewhere, ready=not here),
    ]
    return [group for group in found if group.bills]
