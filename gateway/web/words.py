"""How values are said on pages: periods, masked names, coloured states, amounts in capitals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.bills.model import BillRunStatus, BillStatus
from domain.bills.reading import BillRow
from domain.clock import SHANGHAI
from domain.fees.calc.periods import add_months
from domain.meters.model import METER_KIND_NAMES
from domain.money import yuan, yuan_to_fen
from domain.payments.model import PAYMENT_METHOD_NAMES, PaymentMethod
from domain.people.model import PersonKind
from domain.people.queries import OCCUPANCY_ROLE_NAMES
from domain.rooms.model import ROOM_KIND_NAMES
from gateway.wecom.words import day, moment
from statemachines.bill import BILL
from statemachines.bill_run import BILL_RUN
from statemachines.payment import PAYMENT

LETTER_KINDS = {
    "bill.issued": "账单通知",
    "payment.received": "收款通知",
    "bill_run.awaiting_approval": "账单审批提醒",
    "bill_run.issued": "出账结果",
    "letters.dead": "未送达汇总",
    "letters.press_send": "群发提醒",
}
BILL_TONES = {
    BillStatus.ISSUED: "due",
    BillStatus.PARTLY_PAID: "due",
    BillStatus.PAID: "good",
}
RUN_TONES = {
    BillRunStatus.DRAFTING: "busy",
    BillRunStatus.AWAITING_APPROVAL: "due",
    BillRunStatus.APPROVED: "busy",
    BillRunStatus.ISSUING: "busy",
    BillRunStatus.ISSUED: "good",
}
"""Which colour a state has everywhere; anything else is quiet."""


def bill_tag(bill: BillRow, on: date, *, for_owner: bool = False) -> tuple[str, str]:
    """(tone, words) of a bill's state; lateness is a fact, not a state."""
    late = bill.days_overdue(on)
    if late:
        return "late", f"已逾期 {late} 天"
    if for_owner and bill.status == BillStatus.REVERSED:
        return "quiet", "已撤销"
    return BILL_TONES.get(bill.status, "quiet"), BILL.status_names[bill.status]


def run_tag(status: BillRunStatus) -> tuple[str, str]:
    """(tone, words) of a bill run's state."""
    return RUN_TONES.get(status, "quiet"), BILL_RUN.status_names[status]


def period(start: date, end: date) -> str:
    """A half-open period: `2026年11月`, `2026年10月至12月`, `11月1日至15日` as people say it."""
    last = end - timedelta(days=1)
    if start.day == 1 and end.day == 1:
        if end == add_months(start, 1):
            return month(start)
        year = f"{last.year}年" if last.year != start.year else ""
        return f"{month(start)}至{year}{last.month}月"
    year = f"{last.year}年" if last.year != start.year else ""
    return f"{start.year}年{short_day(start)}至{year}{short_day(last)}"


def month(on: date) -> str:
    """`2026年11月`."""
    return f"{on.year}年{on.month}月"


def short_day(on: date) -> str:
    """`11月23日`."""
    return f"{on.month}月{on.day}日"


def full_moment(at: datetime) -> str:
    """`2026年11月23日 08:30`, Shanghai time: for papers that are kept."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{short_day(local.date())} {local:%H:%M}"


def full_day(on: date) -> str:
    """`2026年11月23日`: a day whose year is not obvious."""
    return f"{on.year}年{short_day(on)}"


def query(address: str) -> str:
    """The `?...` of an address, to keep a list's filters when a form is sent."""
    return address[address.index("?") :] if "?" in address else ""


BROWSERS = (
    ("wxwork", "企业微信"), ("MicroMessenger", "微信"), ("Edg", "Edge"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "苹果手机"), ("iPad", "苹果平板"), ("Android", "安卓"), ("Windows", "Windows 电脑"),
    ("Mac OS", "苹果电脑"), ("Linux", "Linux 电脑"),
)  # fmt: skip


def device(agent: str) -> str:
    """What a browser calls itself, as people would: `Windows 电脑 · Edge`."""
    found = [
        next((name for sign, name in known if sign in agent), "") for known in (SYSTEMS, BROWSERS)
    ]
    return " · ".join(filter(None, found)) or "不知名的设备"


def dialled(number: str) -> str:
    """A telephone number as a phone dials it."""
    return "".join(sign for sign in number if sign.isdigit() or sign == "+")


FLOW_NAMES = {
    "bill-run": "出账", "deliver-letters": "投递消息", "inbox": "处理回调", "ledger-check": "核对账目",
    "owner-import": "导入", "staff-sync": "同步员工",
}  # fmt: skip


OPERATORS = {"demo": "演示", "wuye": "命令行"}


def actor(name: str) -> str:
    """Who did it, as people say it: a flow by what it does, the demo as one."""
    return FLOW_NAMES.get(name) or OPERATORS.get(name, name)


def masked_name(name: str, kind: PersonKind = PersonKind.NATURAL) -> str:
    """`潘超` -> `潘*`, `欧阳小明` -> `欧***`; a company keeps its name."""
    if kind == PersonKind.COMPANY or not name:
        return name
    return name[0] + "*" * min(len(name) - 1, 3)


def method(of: PaymentMethod | None) -> str:
    """`现金`; money without a method came from prepayment."""
    return PAYMENT_METHOD_NAMES[of] if of else "预存款抵扣"


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier of a metered line, ready to be read: `quantity` x `price` = `yuan`."""

    number: int
    quantity: str
    price: str
    yuan: str


def tier_rows(detail: Mapping[str, Any]) -> list[TierRow]:
    """The tiers a line has frozen (tier, quantity, price), or none where it has no tiers."""
    return [
        TierRow(int(number), _plain(quantity), _plain(price), _tier_yuan(quantity, price))
        for number, quantity, price in detail.get("tiers") or []
    ]


def _tier_yuan(quantity: str, price: str) -> str:
    return yuan(yuan_to_fen(Decimal(quantity) * Decimal(price)))


def _plain(number: str) -> str:
    """`2.500000` -> `2.5`."""
    return f"{Decimal(number).normalize():f}"


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """`123456` -> `壹仟贰佰叁拾肆元伍角陆分`, as receipts say it; `fen` >= 0."""
    whole, cents = divmod(fen, 100)
    jiao, odd = divmod(cents, 10)
    said = f"{_whole(whole)}元" if whole else ""
    if not cents:
        return f"{said or '零元'}整"
    if jiao:
        said += f"{_DIGITS[jiao]}角"
    elif said:
        said += "零"
    return said + (f"{_DIGITS[odd]}分" if odd else "整")


def _whole(number: int) -> str:
    said, gap = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _PLACES[place % 4]
        gap = not digit
        group_spoken = number // 10**place % 10_000
        if place % 4 == 0 and place and group_spoken:
            said, gap = said + _GROUPS[place // 4], digit == 0
    return said


FILTERS = {
    "actor": actor,
    "capitals": capitals,
    "day": day,
    "device": device,
    "dialled": dialled,
    "full_day": full_day,
    "full_moment": full_moment,
    "masked": masked_name,
    "method": method,
    "moment": moment,
    "month": month,
    "query": query,
    "short_day": short_day,
}
GLOBALS = {
    "LETTER_KINDS": LETTER_KINDS,
    "METER_KIND_NAMES": METER_KIND_NAMES,
    "PAYMENT_NAMES": PAYMENT.status_names,
    "ROLE_NAMES": OCCUPANCY_ROLE_NAMES,
    "ROOM_KIND_NAMES": ROOM_KIND_NAMES,
    "bill_tag": bill_tag,
    "period": period,
    "run_tag": run_tag,
    "tier_rows": tier_rows,
}
