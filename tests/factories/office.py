"""The office: a small property company for tests, speaking the trade."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.access.permissions import PERMISSIONS
from domain.bills.model import BILL_NO, Bill, BillLine, BillRun, BillRunStatus
from domain.company.model import Community, Company
from domain.fees.model import FeeBasis, FeeItem, RoomCharge, Tariff, TariffTier
from domain.history.actor import Actor
from domain.letters.model import Letter
from domain.meters.model import Meter, MeterKind, MeterReading
from domain.people.model import Occupancy, OccupancyRole, Person, PersonChannel
from domain.rooms.model import Building, Room, RoomArea, RoomKind
from domain.staff.model import Role, Staff, StaffRole
from domain.vault import Vault
from statemachines import bill as bill_machine
from statemachines import bill_run as run_machine
from statemachines.engine import fire

SINCE = date(2020, 1, 1)
T = TypeVar("T")


class Office:
    """One community with a manager who may do everything; add rooms, fees and bills to it."""

    def __init__(
        self,
        session: Session,
        vault: Vault,
        *,
        at: datetime,
        community: str = "翠湖花园",
        reread: bool = True,
    ) -> None:
        """`reread`: each row as the database keeps it, at once; False for who reads them later."""
        self.session, self.vault, self.at, self.reread = session, vault, at, reread
        self.fixed: FeeItem | None = None
        self.runs: dict[date, BillRun] = {}
        known = session.scalar(select(Company))
        self.company = known or self._add(Company(name="安心物业"))
        self.community = self._add(Community(company_id=self.company.id, name=community))
        others = session.scalar(select(func.count()).select_from(Staff)) if known else 0
        self.manager = self.staff(f"manager{others or ''}", "周经理", list(PERMISSIONS))
        self.by = Actor.staff(self.manager.id, self.manager.name)
        self.clock = Actor.clock("test")

    def staff(self, login: str, name: str, permissions: list[str]) -> Staff:
        """A colleague with a role of these permissions in this community."""
        role = Role(code=f"role-{login}", name=f"{name}的岗位", permissions=permissions)
        self.session.add(role)
        person = self._add(
            Staff(company_id=self.company.id, login=login, name=name, wecom_userid=login)
        )
        self._put(StaffRole(staff_id=person.id, role_id=role.id, community_id=self.community.id))
        return person

    def building(self, code: str) -> Building:
        """The building with this code, made on first use."""
        found = self.session.scalar(
            select(Building).where(
                Building.community_id == self.community.id, Building.code == code
            )
        )
        return found or self._add(
            Building(community_id=self.community.id, code=code, name=f"{code}栋")
        )

    def room(
        self,
        code: str = "1-1-101",
        *,
        area: str | None = "100.00",
        kind: RoomKind = RoomKind.RESIDENTIAL,
        owner: str | None = "潘超",
        since: date = SINCE,
    ) -> Room:
        """A room with an area and, unless `owner` is None, an owner who pays."""
        building, *entrance, door = code.split("-")
        room = self._add(
            Room(
                community_id=self.community.id,
                building_id=self.building(building).id,
                entrance=entrance[0] if entrance else None,
                door=door,
                code=code,
                kind=kind,
            )
        )
        if area is not None:
            self._put(RoomArea(room_id=room.id, built_area=Decimal(area), from_on=since))
        if owner is not None:
            self.lives(room, self.person(owner), since=since)
        return room

    def person(self, name: str, *, phone: str | None = None) -> Person:
        """A person of this community."""
        sealed: dict[str, Any] = {}
        if phone:
            sealed = {
                "phone_sealed": self.vault.seal(phone),
                "phone_blind": self.vault.blind(phone),
                "phone_masked": f"{phone[:3]}****{phone[-4:]}",
            }
        return self._add(Person(community_id=self.community.id, name=name, **sealed))

    def lives(
        self,
        room: Room,
        person: Person,
        *,
        role: OccupancyRole = OccupancyRole.OWNER,
        since: date = SINCE,
        until: date | None = None,
        pays: bool = True,
    ) -> Occupancy:
        """`person` in `room` for a time."""
        return self._add(
            Occupancy(
                room_id=room.id, person_id=person.id, role=role,
                from_on=since, to_on=until, is_payer=pays,
            )
        )  # fmt: skip

    def bound(self, person: Person, external_userid: str, *, follower: str = "manager") -> None:
        """Bind a person to a WeCom external contact."""
        self._put(
            PersonChannel(
                community_id=self.community.id, person_id=person.id,
                external_userid=external_userid, follower_userid=follower, bound_at=self.at,
            )
        )  # fmt: skip

    def fee(
        self,
        code: str = "property",
        *,
        basis: FeeBasis = FeeBasis.BUILT_AREA,
        **extra: Any,
    ) -> FeeItem:
        """A fee item; `name` defaults to the code."""
        return self._add(
            FeeItem(
                community_id=self.community.id, code=code, basis=basis,
                **{"name": code, **extra},
            )
        )  # fmt: skip

    def tariff(
        self,
        item: FeeItem,
        price: str,
        *,
        kind: RoomKind | None = None,
        since: date = SINCE,
        until: date | None = None,
        tiers: dict[str, str] | None = None,
        version: int = 1,
        vacancy: str = "0",
    ) -> Tariff:
        """A dated price; `tiers` maps "above" to price."""
        row = self._add(
            Tariff(
                fee_item_id=item.id, room_kind=kind, version=version, unit_price=Decimal(price),
                from_on=since, to_on=until, vacancy_discount=Decimal(vacancy),
            )
        )  # fmt: skip
        for above, tier_price in (tiers or {}).items():
            self._put(
                TariffTier(tariff_id=row.id, above=Decimal(above), unit_price=Decimal(tier_price))
            )
        return row

    def charge(self, room: Room, item: FeeItem, *, since: date = SINCE, **extra: Any) -> RoomCharge:
        """A room charge: this room pays this item."""
        return self._add(RoomCharge(room_id=room.id, fee_item_id=item.id, from_on=since, **extra))

    def meter(
        self,
        room: Room,
        readings: dict[date, str],
        *,
        kind: MeterKind = MeterKind.WATER,
        **extra: Any,
    ) -> Meter:
        """A meter with dated readings."""
        row = self._add(
            Meter(
                community_id=self.community.id, room_id=room.id, kind=kind, from_on=SINCE,
                **{"serial": f"{kind}-{room.code}", **extra},
            )
        )  # fmt: skip
        for on, value in readings.items():
            self._put(MeterReading(meter_id=row.id, read_on=on, value=Decimal(value)))
        return row

    def bill(
        self,
        room: Room,
        total_fen: int,
        *,
        month: date = date(2026, 11, 1),
        issued: bool = True,
        payer: Person | None = None,
    ) -> Bill:
        """A bill of one property-fee line, issued unless told otherwise."""
        bill = self._bill(self._run(month), room, total_fen, payer)
        self._put(bill)
        self._line(bill, total_fen)
        if issued:
            bill.due_on, bill.issued_at = date(2026, 12, 1), self.at
            fire(self.session, bill_machine.BILL, bill, "issue", by=self.clock, at=self.at)
        return self._add(bill)

    def letters(self) -> list[tuple[str, str]]:
        """(kind, key) of every letter in the rack, oldest first."""
        return [
            (letter.kind, letter.key)
            for letter in self.session.scalars(select(Letter).order_by(Letter.id))
        ]

    def _run(self, month: date) -> BillRun:
        """The live run of this month; not asked for again while it is in the making."""
        run = self.runs.get(month)
        if run is None or run.status != BillRunStatus.CREATED:
            run = self.runs[month] = run_machine.open_run(
                self.session, community_id=self.community.id, month=month, by=self.clock, at=self.at
            )
        return run

    def _bill(self, run: BillRun, room: Room, total_fen: int, payer: Person | None) -> Bill:
        payer_id = (
            payer.id
            if payer
            else self.session.scalar(
                select(Occupancy.person_id).where(Occupancy.room_id == room.id, Occupancy.is_payer)
            )
        )
        return Bill(
            no=f"ZD{run.period_start:%Y%m}{self.session.scalar(BILL_NO.next_value()):08d}",
            community_id=self.community.id, bill_run_id=run.id, room_id=room.id,
            payer_id=payer_id, period_start=run.period_start, period_end=run.period_end,
            total_fen=total_fen,
        )  # fmt: skip

    def _line(self, bill: Bill, fen: int) -> None:
        item = self.fixed = self.fixed or self.fee("factory", basis=FeeBasis.FIXED)
        self._put(
            BillLine(
                bill_id=bill.id, room_id=bill.room_id, fee_item_id=item.id, basis=item.basis,
                period_start=bill.period_start, period_end=bill.period_end, days=30, period_days=30,
                amount_fen=fen,
            )
        )  # fmt: skip

    def _put(self, row: Any) -> None:
        """A row that nobody is given."""
        self.session.add(row)
        self.session.flush()

    def _add(self, row: T) -> T:
        self._put(row)
        if self.reread:
            self.session.refresh(row)
        return row
