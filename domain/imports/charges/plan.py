"""Row by row: what a room is to pay, and whether that fits what stands."""

from collections.abc import Mapping
from decimal import Decimal

from domain.bulk import IdSource
from domain.fees.model import FeeBasis
from domain.imports.charges.state import Charges, Key, KnownCharge, KnownItem
from domain.imports.places import Places
from domain.imports.rows import ChargeRow
from domain.imports.writes import (
    Difference,
    RowPlan,
    Stop,
    change,
    conflict,
    insert,
    outcome,
    refuse,
)  # fmt: skip

FACTS = ("quantity", "unit_price", "amount_fen", "to_on")
TOLD = {"quantity": "数量", "unit_price": "单价", "amount_fen": "金额", "to_on": "结束日期"}


class ChargesPlanner:
    """Plans one sheet of charges; the note (车牌、车位号) tells two charges of a room apart."""

    def __init__(self, places: Places, charges: Charges, ids: Mapping[str, IdSource]) -> None:
        self._places, self._charges, self._ids = places, charges, ids

    def row(self, row: ChargeRow) -> RowPlan:
        """One row's plan."""
        try:
            item = self._item(row)
            wanted = _wanted(row, item)
            key = (self._places.room(row.code), item.id, row.note)
            return self._against(row, key, wanted)
        except Stop as stop:
            return stop.plan(row.row)

    def _item(self, row: ChargeRow) -> KnownItem:
        item = self._charges.items.get(row.item)
        if item is None:
            known = "、".join(dict.fromkeys(i.name for i in self._charges.items.values()))
            raise refuse(
                "item", "item_unknown", f"没有这个费用项目，现有：{known or '无，请先添加费用项目'}"
            )
        if not item.active:
            raise refuse("item", "item_unknown", f"费用项目「{item.name}」已停用")
        return item

    def _against(self, row: ChargeRow, key: Key, wanted: KnownCharge) -> RowPlan:
        """New, the same, a correction, or in the way of another."""
        standing = self._charges.charges[key]
        same = next((charge for charge in standing if charge.from_on == wanted.from_on), None)
        if same is not None and all(getattr(same, n) == getattr(wanted, n) for n in FACTS):
            same.sheet_row = same.sheet_row or row.row
            return RowPlan(row.row, Difference.UNCHANGED)
        for other in standing:
            if other is not same and other.overlaps(wanted.from_on, wanted.to_on):
                raise _overlap(other)
        if same is not None:
            return self._correct(row, key, same, wanted)
        wanted.id, wanted.sheet_row = self._ids["room_charge"].next(), row.row
        standing.append(wanted)
        facts = {name: getattr(wanted, name) for name in FACTS}
        made = insert(
            "room_charge", wanted.id, room_id=key[0], fee_item_id=key[1], label=key[2],
            from_on=wanted.from_on, **facts,
        )  # fmt: skip
        return RowPlan(row.row, Difference.NEW, [made])

    def _correct(self, row: ChargeRow, key: Key, same: KnownCharge, wanted: KnownCharge) -> RowPlan:
        """A charge that has been billed can only be ended, from where it has been billed to."""
        if same.sheet_row is not None:
            raise _overlap(same)
        names = [name for name in FACTS if getattr(same, name) != getattr(wanted, name)]
        billed_to = self._charges.billed_to.get(key)
        if billed_to is not None and billed_to > same.from_on:
            ended = names == ["to_on"] and (wanted.to_on is None or wanted.to_on >= billed_to)
            if not ended:
                raise conflict(
                    "item", "charge_billed",
                    f"这项收费已经出账到 {billed_to:%Y-%m-%d}，不能用导入修改",
                )  # fmt: skip
        before = {name: getattr(same, name) for name in names}
        after = {name: getattr(wanted, name) for name in names}
        for name in names:
            setattr(same, name, getattr(wanted, name))
        same.sheet_row = row.row
        write = change("room_charge", same.id, before, after)
        return outcome(row.row, [write], [TOLD[name] for name in names])


def _wanted(row: ChargeRow, item: KnownItem) -> KnownCharge:
    """The charge as the row describes it; the id is given when it is new."""
    quantity, unit_price, amount_fen = row.quantity or Decimal(1), None, None
    if item.basis is FeeBasis.ONE_OFF:
        if row.amount_fen is None:
            raise refuse("amount", "amount_missing", f"「{item.name}」是一次性费用，请填写金额")
        amount_fen = row.amount_fen
    elif row.amount_fen is not None:
        if item.basis is not FeeBasis.FIXED:
            raise refuse("amount", "amount_invalid", f"「{item.name}」按收费标准计算，不能填写金额")
        if row.quantity is not None:
            raise refuse("amount", "amount_invalid", "数量和金额只填一项")
        unit_price = Decimal(row.amount_fen).scaleb(-2)
    return KnownCharge(0, row.starts_on, row.to_on, quantity, unit_price, amount_fen)


def _overlap(other: KnownCharge) -> Stop:
    until = f"到 {other.to_on:%Y-%m-%d}" if other.to_on else "起"
    where = f"第 {other.sheet_row} 行" if other.sheet_row else "已登记的收费"
    return conflict(
        "starts_on", "charge_overlap", f"和{where}（{other.from_on:%Y-%m-%d} {until}）时间重叠"
    )
