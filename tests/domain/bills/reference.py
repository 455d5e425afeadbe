"""The same month in plain Python: rows out of the database, arithmetic by domain.fees.calc.

Slow, obvious and written from the cookbook, not from the SQL: what drafting writes is held to it.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from domain.fees.calc import formula, line
from domain.fees.calc.formula import FormulaFailed
from domain.fees.calc.periods import Period, Span, nth_period, period_due
from domain.fees.calc.problems import LineProblem
from domain.fees.calc.proration import Held, Segment, split
from domain.fees.model import (
    FeeBasis,
    FeeItem,
    RoomCharge,
    SharedCost,
    Tariff,
    TariffTier,
    VatRate,
)
from domain.meters.model import Meter, MeterReading
from domain.people.model import Occupancy
from domain.rooms.model import Room, RoomArea, RoomVacancy
from tests.domain.bills.reference_meters import ZERO, Meters
from tests.domain.bills.reference_shares import Shares, holds

NAMES = {"area": "built_area", "indoor_area": "indoor_area", "weight": "share_weight"}


class Reference(Meters, Shares):
    """Lines and problems that the run of a month should have; the database holds one community."""

    def __init__(self, session, month):
        self.session, self.month = session, month
        self.all = {model: list(session.scalars(select(model).order_by(model.id))) for model in (
            Room, RoomArea, RoomVacancy, Occupancy, RoomCharge, Meter, MeterReading, FeeItem, Tariff,
            TariffTier, VatRate, SharedCost)}  # fmt: skip
        self.lines, self.problems = [], set()

    def run(self):
        """Fill `lines` and `problems`.

        Lines are (room, payer, item, label, start, end, fen, tax, quantity, price, days,
        period_days), problems (room, item, code).
        """
        for item in self.all[FeeItem]:
            period = period_due(item.cycle_anchor_on, item.cycle_months, item.timing, self.month)
            if item.basis is FeeBasis.ONE_OFF:
                period = nth_period(self.month, 1, 0)
            if period and item.active:
                for room in self.all[Room]:
                    self.room(item, period, room)
                if item.basis is FeeBasis.SHARED:
                    self.shared(item, period)
        return self

    def of(self, model, room):
        return [row for row in self.all[model] if row.room_id == room.id]

    def room(self, item, period, room):
        match item.basis:
            case FeeBasis.ONE_OFF:
                self.one_off(item, room)
            case FeeBasis.METERED:
                self.metered(item, period, room)
            case FeeBasis.SHARED:
                pass
            case _:
                for label, segment in self.segments(item, period, room):
                    self.write(item, room, label, segment, lambda s=segment: self.by_month(item, s))

    # -- what held on which day

    def tariff_days(self, item, period, room):
        mine = [t for t in self.all[Tariff] if t.fee_item_id == item.id]
        found = split(period, {
            name: [Held(t.from_on, t.to_on, t) for t in mine if t.room_kind == kind]
            for name, kind in (("own", room.kind), ("general", None))})  # fmt: skip
        return [Held(s.start, s.end, s.facts["own"] or s.facts["general"]) for s in found]

    def charge_days(self, item, period, room, *, labelled=True):
        """By label, the days of (listed, quantity, own price); days without a charge only if for all."""
        streams = defaultdict(list)
        charges = [c for c in self.of(RoomCharge, room) if c.fee_item_id == item.id
                   and c.from_on < period.end and (c.to_on is None or c.to_on > period.start)]  # fmt: skip
        for c in charges:
            streams[c.label if labelled else None].append(
                Held(c.from_on, c.to_on, (True, c.quantity, c.unit_price))
            )
        if not item.listed_only:
            day = timedelta(days=1)
            free = [period.start + n * day for n in range(period.days)
                    if not any(c.from_on <= period.start + n * day
                               and (c.to_on is None or period.start + n * day < c.to_on)
                               for c in charges)]  # fmt: skip
            streams[None] += [Held(d, d + day, (False, None, None)) for d in free]
        return streams

    def segments(self, item, period, room, *, labelled=True):
        """(label, segment) with everything that matters to the item, and nothing else, as facts."""
        tariffs = self.tariff_days(item, period, room)
        names = formula.check(item.formula).names if item.formula else frozenset()
        priced = item.basis is not FeeBasis.FORMULA or "price" in names
        empty = any(t.value and t.value.vacancy_discount for t in tariffs)
        for label, days in self.charge_days(item, period, room, labelled=labelled).items():
            found = split(period, {
                "charge": days, "tariff": tariffs,
                "area": [Held(a.from_on, a.to_on, a) for a in self.of(RoomArea, room)],
                "payer": [Held(o.from_on, o.to_on, o.person_id)
                          for o in self.of(Occupancy, room) if o.is_payer],
                "vacant": [Held(v.from_on, v.to_on, True) for v in self.of(RoomVacancy, room)],
                "vat": [Held(v.from_on, v.to_on, v.rate) for v in self.all[VatRate]
                        if v.fee_item_id == item.id]})  # fmt: skip
            ever = any(t.value for t in tariffs)
            told = [(s, self.relevant(item, s.facts, names, priced, ever, empty)) for s in found]
            yield from ((label, s) for s in merged(period, told))

    def relevant(self, item, facts, names, priced, ever, empty):
        if facts["charge"] is None:
            return None
        listed, quantity, own = facts["charge"]
        tariff, area = facts["tariff"], facts["area"]
        metered = item.basis is FeeBasis.METERED
        free = not priced and not any(t.fee_item_id == item.id for t in self.all[Tariff])
        offered = ever if priced else free or tariff is not None
        if not offered and not listed:
            return None
        own = own if priced else None
        discount = ZERO if metered or tariff is None else tariff.vacancy_discount
        known = {
            "listed": listed, "own": own, "payer": facts["payer"], "vat": facts["vat"],
            "tariff": tariff if priced and own is None else None, "discount": discount,
            "vacant": bool(facts["vacant"]) if empty and not metered else False,
        }  # fmt: skip
        if not priced:
            known["offered"] = offered
        if item.basis is FeeBasis.FIXED or "quantity" in names:
            known["quantity"] = quantity
        column = {FeeBasis.BUILT_AREA: "built_area", FeeBasis.INDOOR_AREA: "indoor_area"}.get(
            item.basis
        )
        for name in [column] if column else [NAMES[n] for n in NAMES if n in names]:
            known[name] = getattr(area, name) if area else None
        return known

    # -- by area, fixed, formula, one-off

    def by_month(self, item, segment):
        facts = segment.facts
        price = (
            facts["own"]
            if facts["own"] is not None
            else getattr(facts["tariff"], "unit_price", None)
        )
        extra = {
            "discount": facts["discount"] if facts["vacant"] else ZERO,
            "vat_rate": facts["vat"] or ZERO,
        }
        match item.basis:
            case FeeBasis.BUILT_AREA:
                return line.built_area(segment, price=price, area=facts["built_area"], **extra)
            case FeeBasis.INDOOR_AREA:
                return line.indoor_area(segment, price=price, area=facts["indoor_area"], **extra)
            case FeeBasis.FIXED:
                return line.fixed(
                    segment, price=price, quantity=facts["quantity"] or Decimal(1), **extra
                )
        rule = formula.check(item.formula)
        if "price" in rule.names and price is None:
            raise LineProblem("price_missing")
        values = {"price": price, "quantity": facts.get("quantity")}
        values |= {name: facts.get(column) for name, column in NAMES.items()}
        return line.formula(segment, rule=rule, values=values, **extra)

    def one_off(self, item, room):
        end = nth_period(self.month, 1, 0).end
        for c in self.of(RoomCharge, room):
            if c.fee_item_id == item.id and self.month <= c.from_on < end:
                day = Period(
                    c.from_on,
                    c.from_on + timedelta(days=1),
                    (Span(c.from_on, c.from_on + timedelta(days=1)),),
                )
                rates = [
                    v.rate
                    for v in self.all[VatRate]
                    if v.fee_item_id == item.id and holds(v, c.from_on)
                ]
                payers = [
                    o.person_id
                    for o in self.of(Occupancy, room)
                    if o.is_payer and holds(o, c.from_on)
                ]
                segment = Segment(day, day.start, day.end, {"payer": payers[0] if payers else None})
                self.write(item, room, c.label, segment, lambda c=c, s=segment, r=rates: line.one_off(
                    s, amount_fen=c.amount_fen, vat_rate=r[0] if r else ZERO))  # fmt: skip

    def write(self, item, room, label, segment, price):
        try:
            result = price()
        except (LineProblem, FormulaFailed) as problem:
            self.problems.add((room.id, item.id, problem.code))
            return
        quantity = result.quantity
        self.lines.append((
            room.id, segment.facts["payer"], item.id, label, segment.start, segment.end,
            result.amount_fen, result.tax_fen, quantity, result.unit_price, result.days,
            result.period_days))  # fmt: skip


def merged(period, told):
    """Neighbouring segments whose relevant facts are the same are one; None is no line."""
    found = []
    for segment, facts in told:
        if found and found[-1][2] == facts and found[-1][1] == segment.start:
            found[-1][1] = segment.end
        else:
            found.append([segment.start, segment.end, facts])
    return [Segment(period, start, end, facts) for start, end, facts in found if facts is not None]
