"""A town drawn by hypothesis: rooms, people, prices, charges and meters that change when they like."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st
from sqlalchemy import select

from domain.fees.model import (
    FeeBasis,
    FeeItem,
    FeeTiming,
    RoomCharge,
    ShareBy,
    SharedCost,
    Tariff,
    TariffTier,
    TierPeriod,
    VatRate,
)
from domain.meters.model import Meter, MeterKind, MeterReading, ReadingKind
from domain.people.model import Occupancy, OccupancyRole, Person
from domain.rooms.model import Building, Room, RoomArea, RoomKind, RoomVacancy

SINCE = date(2020, 1, 1)
DAYS = st.dates(date(2026, 8, 25), date(2026, 12, 31))
KINDS = st.sampled_from(
    [RoomKind.RESIDENTIAL, RoomKind.RESIDENTIAL, RoomKind.SHOP, RoomKind.PARKING]
)
PRICES = st.decimals("0", "40", places=3)
AREAS = st.decimals("0.01", "300", places=2)
FORMULAS = ["建筑面积 * 单价", "0.8 * 天数", "单价 / (权重 - 1)", "最大(50, 数量 * 单价) * 70%", "套内面积 * 0.3",
            "四舍五入(建筑面积, 0) * 月数"]  # fmt: skip


def stretches(values, *, gaps):
    """(from, to, value) rows without overlap; `gaps` leaves some of them out."""

    @st.composite
    def rows(draw):
        marks = sorted(draw(st.sets(DAYS, max_size=3)))
        edges = [SINCE, *marks, None]
        found = [(a, b, draw(values)) for a, b in pairwise(edges)]
        return [row for row in found if not gaps or draw(st.integers(0, 9)) != 5]

    return rows()


def some(*values):
    """Any of them, each at most once."""
    return st.lists(st.sampled_from(values), unique=True, max_size=len(values))


class Town:
    """Puts drawn rows into the database."""

    def __init__(self, draw, office):
        self.draw, self.office = draw, office

    def add(self, row):
        """A row that others will name by its number."""
        self.office.session.add(row)
        self.office.session.flush()
        return row

    def put(self, row):
        """A row that nobody names: written with the next ones."""
        self.office.session.add(row)

    def build(self):
        here = self.office.community.id
        buildings = [
            self.add(Building(community_id=here, code=f"{n}", name=f"{n}栋")) for n in (1, 2)
        ]
        people = [self.add(Person(community_id=here, name=f"住户{n}")) for n in range(4)]
        items = [self.item(basis, n) for n, basis in enumerate(self.draw(st.lists(
            st.sampled_from(list(FeeBasis)), min_size=3, max_size=4)))]  # fmt: skip
        for n in range(self.draw(st.integers(2, 4))):
            building = buildings[n % 2]
            room = self.add(Room(community_id=here, building_id=building.id, door=f"{n}",
                                 code=f"{building.code}-{n}", kind=self.draw(KINDS)))  # fmt: skip
            self.live_in(room, people)
            self.charges(room, items)
            self.meters(room)
        for item in items:
            self.costs(item, buildings)
        self.office.session.flush()

    def item(self, basis, n):
        metered = basis is FeeBasis.METERED
        item = self.add(FeeItem(
            community_id=self.office.community.id, code=f"i{n}", name=f"项目{n}", basis=basis,
            cycle_months=1 if metered else self.draw(st.sampled_from([1, 1, 1, 2, 3])),
            cycle_anchor_on=self.draw(st.sampled_from([SINCE, SINCE, date(2020, 1, 15), date(2020, 1, 31)])),
            timing=FeeTiming.POSTPAID if metered else self.draw(st.sampled_from(FeeTiming)),
            listed_only=self.draw(st.booleans()) and not metered,
            meter_kind=MeterKind.WATER if metered else None,
            tier_period=self.draw(st.sampled_from(TierPeriod)) if metered else None,
            share_by=self.draw(st.sampled_from(ShareBy)) if basis is FeeBasis.SHARED else None,
            formula=self.draw(st.sampled_from(FORMULAS)) if basis is FeeBasis.FORMULA else None,
        ))  # fmt: skip
        for kind in self.draw(
            st.sampled_from([[None], [None, RoomKind.SHOP], [RoomKind.RESIDENTIAL], []])
        ):
            self.prices(item, kind)
        for a, b, rate in self.draw(
            stretches(st.sampled_from([Decimal("0.06"), Decimal("0.03")]), gaps=True)
        ):
            self.put(VatRate(fee_item_id=item.id, rate=rate, from_on=a, to_on=b))
        return item

    def prices(self, item, kind):
        discounts = st.sampled_from([Decimal(0), Decimal(0), Decimal("0.3")])
        rows = self.draw(stretches(st.tuples(PRICES, discounts), gaps=True))
        for version, (a, b, (price, discount)) in enumerate(rows, 1):
            tariff = self.add(Tariff(fee_item_id=item.id, room_kind=kind, version=version, unit_price=price,
                                     vacancy_discount=discount, from_on=a, to_on=b))  # fmt: skip
            for above in self.draw(some(Decimal(5), Decimal(12), Decimal("20.5"))):
                self.put(TariffTier(tariff_id=tariff.id, above=above, unit_price=self.draw(PRICES)))

    def live_in(self, room, people):
        areas = st.tuples(
            AREAS, st.none() | AREAS, st.sampled_from([Decimal(0), Decimal(1), Decimal("2.5")])
        )
        for a, b, (built, indoor, weight) in self.draw(stretches(areas, gaps=True)):
            self.put(RoomArea(room_id=room.id, built_area=built, indoor_area=indoor, share_weight=weight,
                              from_on=a, to_on=b))  # fmt: skip
        for a, b, person in self.draw(stretches(st.sampled_from(people), gaps=True)):
            role = OccupancyRole.OWNER if a == SINCE else OccupancyRole.TENANT
            self.put(Occupancy(room_id=room.id, person_id=person.id, role=role, is_payer=True,
                               from_on=a, to_on=b))  # fmt: skip
        for a, b, empty in self.draw(stretches(st.booleans(), gaps=False)):
            if empty:
                self.put(RoomVacancy(room_id=room.id, from_on=a, to_on=b))

    def charges(self, room, items):
        agreed = st.tuples(
            st.none() | PRICES, st.sampled_from([Decimal(1), Decimal(2), Decimal("0.5")])
        )
        for item in items:
            labels = [None] if item.basis is FeeBasis.METERED else [None, "甲"]
            for label in self.draw(some(*labels)):
                for a, b, (price, quantity) in self.draw(stretches(agreed, gaps=True)):
                    fen = self.draw(st.none() | st.integers(0, 10**6))
                    self.put(RoomCharge(room_id=room.id, fee_item_id=item.id, label=label, unit_price=price,
                                        quantity=quantity, amount_fen=fen, from_on=a, to_on=b))  # fmt: skip

    def meters(self, room):
        for n in range(self.draw(st.sampled_from([0, 1, 1, 1, 2]))):
            swap = date(2026, 10, 20)
            start, end = (
                (SINCE, swap if self.draw(st.booleans()) else None) if n == 0 else (swap, None)
            )
            meter = self.add(Meter(community_id=room.community_id, room_id=room.id, kind=MeterKind.WATER,
                                   serial=f"{room.id}-{n}", digits=3, from_on=start, to_on=end,
                                   multiplier=self.draw(st.sampled_from([Decimal(1), Decimal("2.5")]))))  # fmt: skip
            self.readings(room, meter)

    def readings(self, room, meter):
        """The firsts of the months, days on which the payer changed, and others; mostly rising."""
        changes = self.office.session.scalars(
            select(Occupancy.from_on).where(Occupancy.room_id == room.id)
        )
        days = {date(2026, month, 1) for month in (8, 9, 10, 11, 12)} | {
            date(2026, 10, 20),
            *changes,
        }
        days |= self.draw(st.sets(DAYS, max_size=2))
        value = Decimal(self.draw(st.integers(0, 990)))
        for day in sorted(d for d in days if d > SINCE):
            value = (value + 1000 + self.draw(st.decimals("-1", "15", places=2))) % 1000
            if self.draw(st.integers(0, 9)) != 5:
                kind = self.draw(
                    st.sampled_from([ReadingKind.ACTUAL, ReadingKind.ACTUAL, ReadingKind.ESTIMATED])
                )
                self.put(MeterReading(meter_id=meter.id, read_on=day, value=value, kind=kind))

    def costs(self, item, buildings):
        if item.basis is not FeeBasis.SHARED:
            return
        for month in (9, 10, 11, 12):
            for building in self.draw(some(None, *buildings)):
                start = date(2026, month, 1)
                end = (start + timedelta(days=32)).replace(day=1)
                self.put(SharedCost(
                    fee_item_id=item.id, building_id=building and building.id, period_start=start,
                    period_end=end, total_fen=self.draw(st.integers(0, 10**6)),
                    total_quantity=self.draw(st.none() | st.decimals("0", "999", places=4))))  # fmt: skip
