"""What programs may send, in words the OpenAPI document repeats."""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from domain.fees.calc.units import MAX_AMOUNT_FEN
from domain.listing import Wanted
from gateway.web.fields import BIGGEST_ID, one_line

LARGEST_PAGE = 100_000
LARGEST_SIZE = 200
SHORTEST = 2
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
VISIBLE = r"[^\s\x00-\x1f\x7f-\x9f]"


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _reason(typed: str) -> str:
    said = one_line(typed)
    if len(said) < SHORTEST:
        raise PydanticCustomError("reason_empty", "a reason in words")
    return said


def _day(value: Any) -> date:
    try:
        if isinstance(value, str) and DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day_invalid", "a day as 2026-11-25")


Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
RunId = Annotated[Id, Path(description="出账批次编号", examples=[12])]
RoomId = Annotated[Id, Path(description="房屋编号", examples=[101])]
PersonId = Annotated[Id, Path(description="业主编号", examples=[7])]
FeeId = Annotated[Id, Path(description="费用项目编号", examples=[3])]
CostId = Annotated[Id, Path(description="公摊编号", examples=[9])]
ChargeId = Annotated[Id, Path(description="收费登记编号", examples=[14])]
BillNo = Annotated[str, Path(pattern=r"^ZD[0-9]{6,30}$", description="账单号", examples=["ZD20261100000001"])]  # fmt: skip
ReceiptNo = Annotated[str, Path(pattern=r"^SJ[0-9]{6,30}$", description="收据号", examples=["SJ20261100000001"])]  # fmt: skip

WHOLE = BeforeValidator(_whole)
"""An integer as JSON knows it: 12.0 is one. Stands last, so that the limits stay in the document."""
Fen = Annotated[
    int, Field(ge=0, le=MAX_AMOUNT_FEN, description="金额，单位分", examples=[12_345]), WHOLE
]
"""An amount somebody saw."""

Yuan = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,8}(\.[0-9]{1,6})?$", max_length=15,
        description="单价，元，写成文字以免失真", examples=["2.80"],
    ),
]  # fmt: skip
Quantity = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$", max_length=17,
        description="数量，写成文字以免失真", examples=["90"],
    ),
]  # fmt: skip

PageNumber = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="第几页，从 1 开始")]
PageSize = Annotated[int, Query(ge=1, le=LARGEST_SIZE, description="每页几条")]
CommunityFilter = Annotated[int | None, Query(ge=1, le=BIGGEST_ID, description="只看这个小区")]
BuildingFilter = Annotated[int | None, Query(ge=1, le=BIGGEST_ID, description="只看这栋楼")]
RoomFilter = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9A-Za-z]+(-[0-9A-Za-z]+)*$", max_length=40,
        description="只看房号是它或以它开头的房屋", examples=["5-1-101"],
    ),
]  # fmt: skip
MonthFilter = Annotated[
    str | None,
    Query(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="只看这个账期", examples=["2026-11"]
    ),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key", pattern=r"^[0-9A-Za-z._:-]{8,100}$",
        description="调用方为这一次操作取的编号；同一个编号再发一次，不会再做第二次",
        examples=["till-7-20261125-0001"],
    ),
]  # fmt: skip

Reason = Annotated[
    str,
    StringConstraints(pattern=rf"^{VISIBLE}.*{VISIBLE}$", min_length=SHORTEST, max_length=200),
    AfterValidator(_reason),
    Field(description="原因，会记录在案", examples=["金额算错了"]),
]
Note = Annotated[
    str | None,
    Field(max_length=200, description="备注", examples=["现金，未开发票"]),
    AfterValidator(lambda note: (one_line(note) or None) if note else None),
]


Day = Annotated[date, BeforeValidator(_day), Field(examples=["2026-11-25"])]


class Sent(BaseModel):
    """A body a program sends: exactly these fields, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


def wanted(page: int, size: int, *, words: str | None = None, **filters: Any) -> Wanted:
    """What was asked of a list; a filter that was not given is left out."""
    given = {key: str(value) for key, value in filters.items() if value not in (None, False)}
    return Wanted(words=words or "", filters=given, page=page, size=size)
