"""The same month in plain Python: rows out of the database, arithmetic by domain.fees.calc.

Slow, obvious and written from the cookbook, not from the SQL: what drafting writes is held to it.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from sqlalchemy import select

from domain.bills.model import Bill, BillLine
from domain.fees.calc import formula, line
from domain.fees.calc.formula import FormulaFailed
from domain.fees.calc.meters import MeterSpan, Reading, use_of
from domain.fees.calc.periods import Period, Span, nth_period, period_due
from domain.fees.calc.problems import LineProblem
from domain.fees.calc.proration import Held, Segment, split
from domain.fees.calc.rounding import cut, cut_fen
from domain.fees.calc.shared import SharePart, split_cost
from domain.fees.calc.tiers import Tier, for_part_of_year, ladder
from domain.fees.model import (
    FeeBasis,
    FeeItem,
    RoomCharge,
    ShareBy,
    SharedCost,
    Tariff,
    TariffTier,
    TierPeriod,
    VatRate,
)
from domain.meters.model import Meter, MeterReading, ReadingKind
from domain.people.model import Occupancy
from domain.rooms.model import Room, RoomArea, RoomKind, RoomVacancy

ZERO, STEP = Decimal(0), Decimal("0.0001")
DRY = {RoomKind.PARKING, RoomKind.STORAGE}
NAMES = {"area": "built_area", "indoor_area": "indoor_area", "weight": "share_weight"}


class Reference:
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

    # -- shared

    def shared(self, item, period):
        ever = any(t.fee_item_id == item.id for t in self.all[Tariff])
        kinds = {t.room_kind for t in self.all[Tariff] if t.fee_item_id == item.id
                 and t.from_on < period.end and (t.to_on is None or t.to_on > period.start)}  # fmt: skip
        for cost in self.all[SharedCost]:
            if cost.fee_item_id != item.id or not cost.period_start < period.end:
                continue
            if self.billed(item, cost.period_start, cost.period_end):
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

    def billed(self, item, start, end):
        found = select(BillLine.id).where(
            BillLine.live, BillLine.fee_item_id == item.id, BillLine.period_start >= start,
            BillLine.period_end <= end).limit(1)  # fmt: skip
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

    # -- metered

    def metered(self, item, period, room):
        segments = [s for _, s in self.segments(item, period, room, labelled=False)]
        if not segments:
            return
        last = self.last_lines(item, room, period)
        spans, told = self.meters(item, room, period, last)
        if not spans:
            named = any(t.fee_item_id == item.id and t.room_kind == room.kind
                        and t.from_on < period.end and (t.to_on is None or t.to_on > period.start)
                        for t in self.all[Tariff])  # fmt: skip
            if named or room.kind not in DRY or any(s.facts["listed"] for s in segments):
                self.problems.add((room.id, item.id, "reading_missing"))
            return
        wrong = [problem.code for span in spans if (problem := failure(span))]
        if wrong:
            self.problems.add((room.id, item.id, min(wrong)))
            return
        total = sum((use_of(span) for span in spans), ZERO).quantize(STEP, ROUND_HALF_UP)
        self.uses(item, room, period, segments, spans, told, total, last)

    def last_lines(self, item, room, period):
        return self.session.scalars(
            select(BillLine)
            .where(BillLine.live, BillLine.room_id == room.id, BillLine.fee_item_id == item.id,
                   BillLine.period_start < period.start)
            .order_by(BillLine.period_start)
        ).all()  # fmt: skip

    def meters(self, item, room, period, last):
        """The spans of the room's meters, and their (meter, first day, last day)."""
        before = {m["id"]: m for m in (last[-1].detail["meters"] if last else ())}
        spans, told = [], []
        for meter in self.of(Meter, room):
            mine = before.get(meter.id)
            since = mine and date.fromisoformat(mine["last_on"])
            gone = meter.to_on is not None and meter.to_on <= period.start
            if (
                meter.kind != item.meter_kind
                or meter.from_on >= period.end
                or (gone and not (mine and meter.to_on > since))
            ):
                continue
            readings = sorted(
                (r for r in self.all[MeterReading] if r.meter_id == meter.id),
                key=lambda r: r.read_on,
            )
            if mine:
                first, first_on = Reading(Decimal(mine["last"]), mine["estimated"]), since
            else:
                early = [r for r in readings if r.read_on <= period.start]
                inside = [r for r in readings if period.start < r.read_on <= period.end]
                opening = early[-1] if early else inside[0] if inside else None
                first = opening and Reading(opening.value, opening.kind is ReadingKind.ESTIMATED)
                first_on = opening and opening.read_on
            later = [r for r in readings if first_on and first_on < r.read_on <= period.end
                     and (r.read_on > period.start or gone)]  # fmt: skip
            closing = later[-1] if later else None
            end = closing and Reading(closing.value, closing.kind is ReadingKind.ESTIMATED,
                                      any(r.rolled_over for r in later))  # fmt: skip
            spans.append(MeterSpan(first, end, meter.multiplier, meter.digits))
            told.append((meter, first_on, closing and closing.read_on, readings))
        return spans, told

    def uses(self, item, room, period, segments, spans, told, total, last):
        """Cut the use at readings on days of change (one meter only), then by days; climb the ladder."""
        marks = [(period.start, None)]
        if len(spans) == 1:
            _, first_on, last_on, readings = told[0]
            on = {r.read_on: r for r in readings if first_on < r.read_on < last_on}
            marks += [
                (s.start, on[s.start]) for s in segments if s.start > period.start and s.start in on
            ]
        marks.append((period.end, None))
        reached, used = defaultdict(lambda: ZERO), self.used(item, room, period)
        for (start, opening), (end, closing) in pairwise(marks):
            inside = [s for s in segments if start <= s.start < end]
            try:
                part = total
                if len(marks) > 2:
                    part = use_of(self.between(spans[0], opening, closing)).quantize(
                        STEP, ROUND_HALF_UP
                    )
            except LineProblem as problem:
                if inside:
                    self.problems.add((room.id, item.id, problem.code))
                continue
            for s in inside:
                quantity = piece(part, start, end, s)
                payer = s.facts["payer"]
                if item.tier_period is TierPeriod.YEAR:
                    base = used[payer]
                else:
                    base = ended(last[-1]) if last and total < 0 else ZERO
                before = base + reached[payer]
                reached[payer] += quantity
                self.write(item, room, None, s, lambda s=s, q=quantity, b=before: line.metered(
                    s, use=q, before=b, steps=self.ladder(item, room, period, s),
                    vat_rate=s.facts["vat"] or ZERO))  # fmt: skip

    def between(self, span, opening, closing):
        first = (
            Reading(opening.value, opening.kind is ReadingKind.ESTIMATED) if opening else span.first
        )
        last = Reading(closing.value, rolled_over=closing.rolled_over) if closing else span.last
        return MeterSpan(first, last, span.multiplier, span.digits)

    def ladder(self, item, room, period, segment):
        if segment.facts["own"] is not None:
            steps = ladder(segment.facts["own"])
        elif segment.facts["tariff"] is None:
            raise LineProblem("price_missing")
        else:
            tiers = sorted((t for t in self.all[TariffTier] if t.tariff_id == segment.facts["tariff"].id),
                           key=lambda t: t.above)  # fmt: skip
            steps = ladder(
                segment.facts["tariff"].unit_price, [Tier(t.above, t.unit_price) for t in tiers]
            )
        months = self.months_left(item, room, period, segment.facts["payer"])
        return for_part_of_year(steps, months) if months else steps

    def months_left(self, item, room, period, payer):
        stays = [o for o in self.of(Occupancy, room) if o.is_payer]
        mine = [o.from_on for o in stays if o.person_id == payer]
        if item.tier_period is not TierPeriod.YEAR or not mine:
            return None
        came = min(mine)
        others = any(o.from_on < came for o in stays if o.person_id != payer)
        fresh = came.year == period.start.year and came > date(came.year, 1, 1)
        return 13 - came.month if fresh and others else None

    def used(self, item, room, period):
        rows = self.session.execute(
            select(Bill.payer_id, BillLine.quantity)
            .join(Bill, Bill.id == BillLine.bill_id)
            .where(BillLine.live, BillLine.room_id == room.id, BillLine.fee_item_id == item.id,
                   BillLine.period_start >= date(period.start.year, 1, 1),
                   BillLine.period_start < period.start)
        )  # fmt: skip
        found = defaultdict(lambda: ZERO)
        for payer, quantity in rows:
            found[payer] += quantity
        return found

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


def piece(total, start, end, segment):
    """The part of a use from `start` to `end` that falls on a segment's days."""
    days = [(segment.start - start).days, segment.days, (end - segment.end).days]
    parts = cut(total, [n for n in days if n])
    return parts[1] if days[0] else parts[0]


def failure(span):
    try:
        use_of(span)
    except LineProblem as problem:
        return problem
    return None


def ended(bill_line):
    return Decimal(bill_line.detail.get("before", 0)) + bill_line.quantity


def holds(row, day):
    return row.from_on <= day and (row.to_on is None or day < row.to_on)
