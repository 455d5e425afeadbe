"""The reference's shared costs: who takes part, with which weight, and for how many days."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from domain.bills.model import BillLine
from domain.fees.calc import line
from domain.fees.calc.periods import Period, Span
from domain.fees.calc.proration import Held, split
from domain.fees.calc.rounding import cut, cut_fen
from domain.fees.calc.shared import SharePart, split_cost
from domain.fees.model import RoomCharge, ShareBy, SharedCost, Tariff, VatRate
from domain.people.model import Occupancy
from domain.rooms.model import Building, Room, RoomArea
from tests.domain.bills.reference_meters import ZERO


class Shares:
    """The part of `Reference` that knows shared costs."""

    def shared(self, item, period):
        ever = any(t.fee_item_id == item.id for t in self.all[Tariff])
        kinds = {t.room_kind for t in self.all[Tariff] if t.fee_item_id == item.id
                 and t.from_on < period.end and (t.to_on is None or t.to_on > period.start)}  # fmt: skip
        for cost in self.all[SharedCost]:
            if cost.fee_item_id != item.id or not cost.period_start < period.end:
                continue
            if self.billed(item, cost):
                continue
            rooms = [r for r in self.all[Room] if (not ever or None in kinds or r.kind in kinds)
                     and cost.building_id in (None, r.building_id)
                     and (not item.listed_only or self.listed(item, cost, r))]  # fmt: skip
            last = cost.period_end - timedelta(days=1)
            areas = {
                r.id: next((a for a in self.of(RoomArea, r) if holds(a, last)), None) for r in rooms
            }
            weigh = {ShareBy.AREA: lambda a: a.built_area, ShareBy.WEIGHT: lambda a: a.share_weight}
            weights = [Decimal(1) if item.share_by is ShareBy.ROOM else
                       areas[r.id] and weigh[item.share_by](areas[r.id]) for r in rooms]  # fmt: skip
            self.parts(item, cost, rooms, weights)

    def listed(self, item, cost, room):
        return any(c.fee_item_id == item.id and c.from_on < cost.period_end
                   and (c.to_on is None or c.to_on > cost.period_start)
                   for c in self.of(RoomCharge, room))  # fmt: skip

    def billed(self, item, cost):
        """Lines of its days and its scope live: one that nobody could share is tried again."""
        building = cost.building_id and self.session.get_one(Building, cost.building_id).name
        found = select(BillLine.id).where(
            BillLine.live, BillLine.fee_item_id == item.id, BillLine.label.is_not_distinct_from(building),
            BillLine.period_start >= cost.period_start, BillLine.period_end <= cost.period_end).limit(1)  # fmt: skip
        return self.session.scalar(found) is not None

    def parts(self, item, cost, rooms, weights):
        whole = Period(
            cost.period_start, cost.period_end, (Span(cost.period_start, cost.period_end),)
        )
        sure = [w or ZERO for w in weights]
        parts = (
            split_cost(cost.total_fen, cost.total_quantity, sure)
            if sum(sure)
            else [None] * len(rooms)
        )
        for room, weight, part in zip(rooms, weights, parts, strict=True):
            if weight is None or part is None:
                code = "share_weight_missing" if weight is None else "share_missing"
                self.problems.add((room.id, item.id, code))
            elif weight:
                self.part(item, cost, room, whole, weight, part)

    def part(self, item, cost, room, whole, weight, part):
        segments = split(whole, {
            "payer": [Held(o.from_on, o.to_on, o.person_id) for o in self.of(Occupancy, room) if o.is_payer],
            "vat": [Held(v.from_on, v.to_on, v.rate) for v in self.all[VatRate] if v.fee_item_id == item.id],
        })  # fmt: skip
        days = [s.days for s in segments]
        fens = cut_fen(part.amount_fen, days)
        quantities = cut(part.quantity, days) if part.quantity is not None else [None] * len(days)
        label = f"{cost.building_id}" if cost.building_id else None
        for segment, fen, quantity in zip(segments, fens, quantities, strict=True):
            mine = SharePart(fen, quantity)
            self.write(item, room, label, segment, lambda s=segment, p=mine: line.shared(
                s, part=p, weight=weight, total_fen=cost.total_fen, vat_rate=s.facts["vat"] or ZERO))  # fmt: skip


def holds(row, day):
    return row.from_on <= day and (row.to_on is None or day < row.to_on)
