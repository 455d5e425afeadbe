"""What may stand in an address or come from a form; anything else is refused before it is used."""

from typing import Annotated

from fastapi import Form, Path
from pydantic import Field

BIGGEST_ID = 2**63 - 1

Id = Annotated[int, Field(ge=1, le=BIGGEST_ID)]
StaffId = Annotated[Id, Path()]
RoomId = Annotated[Id, Path()]
CommunityId = Annotated[Id, Path()]
BuildingId = Annotated[Id, Path()]
FeeId = Annotated[Id, Path()]
MeterId = Annotated[Id, Path()]
VacancyId = Annotated[Id, Path()]
ChargeId = Annotated[Id, Path()]
CostId = Annotated[Id, Path()]
PersonId = Annotated[Id, Path()]
StayId = Annotated[Id, Path()]
GrantId = Annotated[Id, Path()]
RoleId = Annotated[Id, Path()]
EntryId = Annotated[Id, Path()]
RunId = Annotated[Id, Path()]
BatchId = Annotated[Id, Path()]
LetterId = Annotated[Id, Path()]
BillNo = Annotated[str, Path(pattern=r"^ZD[0-9]{6,30}$")]
ReceiptNo = Annotated[str, Path(pattern=r"^SJ[0-9]{6,30}$")]

FormId = Annotated[Id, Form()]
Typed = Annotated[str, Form(max_length=200)]
FormKey = Annotated[str, Form(max_length=100)]
BillIds = Annotated[list[Id], Form(max_length=200)]


def one_line(typed: str) -> str:
    """Text from people without control characters, blanks made one."""
    visible = "".join(sign if sign.isprintable() else " " for sign in typed)
    return " ".join(visible.split())
