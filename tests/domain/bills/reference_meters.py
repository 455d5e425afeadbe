"""The reference's meters: from which reading to which, and up the ladder of whoever pays."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from sqlalchemy import select

from domain.bills.model import Bill, BillLine
from domain.fees.calc import line
from domain.fees.calc.meters import MeterSpan, Reading, use_of
from domain.fees.calc.problems import LineProblem
from domain.fees.calc.rounding import cut
from domain.fees.calc.tiers import Tier, for_part_of_year, ladder
from domain.fees.model import Tariff, TariffTier, TierPeriod
from domain.meters.model import Meter, MeterReading, ReadingKind
from domain.people.model import Occupancy
from domain.rooms.model import RoomKind

ZERO, STEP = Decimal(0), Decimal("0.0001")
DRY = {RoomKind.PARKING, RoomKind.STORAGE}


class Meters:
    """The part of `Reference` that knows metered items."""

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
