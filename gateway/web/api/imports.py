"""导入: workbooks handed in, checked by the flow, applied or taken back – each asked for here."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

from domain.errors import NotAllowedNow
from domain.imports import listing
from domain.imports.listing import BatchRow
from domain.imports.model import ImportKind, ImportStatus
from gateway.web.api.answers import ACT, FOUND, READ, Page, Told, paged, refusals
from gateway.web.api.fields import CommunityFilter, Id, PageNumber, PageSize, wanted
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.desk import import_batch, import_flow
from gateway.web.desk.import_flow import Action, Progress
from gateway.web.desk.imports import PERMISSION, receive
from gateway.web.fields import BIGGEST_ID
from gateway.web.uploads import Uploaded, uploaded
from statemachines.import_batch import IMPORT_BATCH

router = APIRouter(route_class=GuardedRoute, tags=["导入"])

BatchId = Annotated[Id, Path(description="批次号", examples=[5])]
FIELDS = {
    "community": {
        "type": "integer", "minimum": 1, "maximum": BIGGEST_ID, "description": "小区编号",
    },
    "kind": {
        "type": "string", "enum": [one.value for one in ImportKind],
        "description": "owners 业主和房屋，readings 抄表读数，charges 房屋收费",
    },
    "file": {
        "type": "string", "format": "binary", "description": "工作簿（.xlsx），最多 20 MB",
    },
}  # fmt: skip
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": list(FIELDS), "properties": FIELDS}
            }
        },
    }
}
"""Read by `uploaded`, as the page's form is: never on the disk, and counted as it comes."""


class BatchInList(Told):
    """列表里的一批导入。"""

    id: int = Field(description="批次号", examples=[5])
    community_id: int = Field(description="小区编号", examples=[1])
    kind: ImportKind = Field(description="工作簿里是什么", examples=["owners"])
    file_name: str = Field(description="文件名", examples=["业主.xlsx"])
    status: ImportStatus = Field(description="状态", examples=["checked"])
    status_name: str = Field(description="状态的中文", examples=["已检查"])
    created_at: datetime = Field(description="上传时刻", examples=["2026-11-25T02:00:00Z"])
    actor_name: str = Field(description="谁上传的", examples=["周经理"])
    checked: bool = Field(description="是否已经读完、可以导入")
    faults: int = Field(description="有问题的格子", examples=[2])


class BatchInFull(BatchInList):
    """一批导入，和检查的结果。"""

    told: dict[str, Any] = Field(
        description="通过、新增、变更、无变化的行数，逐格的问题；refusal 是整个文件读不了的原因"
    )
    doing: str | None = Field(description="后台正在做什么：check、apply 或 undo；没有时为空")


@router.get("/imports", summary="导入列表", responses=refusals(*READ))
def imports(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    kind: Annotated[ImportKind | None, Query(description="只看这种工作簿")] = None,
    status: Annotated[ImportStatus | None, Query(description="只看这个状态")] = None,
) -> Page[BatchInList]:
    """最近的在前。需要 imports.apply。"""
    how = wanted(page, size, community=community, kind=kind, status=status)
    with acting(request) as desk:
        desk.access.require_somewhere(PERMISSION)
        found = listing.batches(desk.session, desk.access, how)
        return paged(found, page, lambda row: BatchInList.model_validate(_row(row)))


@router.get("/imports/{batch_id}", summary="一批导入", responses=refusals(*FOUND))
def batch(request: Request, batch_id: BatchId) -> BatchInFull:
    """检查的结果，和后台正在做什么。需要 imports.apply。"""
    with acting(request) as desk:
        row = import_batch.visible(desk, batch_id)
        return _whole(row, import_flow.under_way(desk, row))


@router.post(
    "/imports", summary="上传工作簿", status_code=202, responses=refusals(*ACT), openapi_extra=FORM
)
def upload(request: Request, sent: Annotated[Uploaded, Depends(uploaded)]) -> BatchInFull:
    """收下并开始检查，什么都还没有导入；十分钟内再传同一个文件是同一批。需要 imports.apply。"""
    with acting(request) as desk:
        desk.access.require_somewhere(PERMISSION)
        if sent.problem is not None:
            raise sent.problem
        start = receive(request, desk, sent)
    import_flow.try_to_hand_over(request, start)
    return batch(request, start.parameters["form"]["batch"])


@router.post("/imports/{batch_id}/apply", summary="导入", status_code=202, responses=refusals(*ACT))
def apply(request: Request, batch_id: BatchId) -> BatchInFull:
    """把检查过的一批导入；正在导入时再发一次不会导入两次。需要 imports.apply。"""
    return _begin(request, batch_id, "apply")


@router.post(
    "/imports/{batch_id}/undo", summary="撤销导入", status_code=202, responses=refusals(*ACT)
)
def undo(request: Request, batch_id: BatchId) -> BatchInFull:
    """撤销导入；导入之后改过或用过的行保留。需要 imports.apply。"""
    return _begin(request, batch_id, "undo")


def _begin(request: Request, batch_id: int, action: Action) -> BatchInFull:
    """Have it done; what is under way already is not asked for twice, what broke off is anew."""
    with acting(request) as desk:
        row = import_batch.visible(desk, batch_id)
        if said := import_batch.in_the_way(row, action):
            raise NotAllowedNow(said)
        now = import_flow.under_way(desk, row)
        turn = import_flow.last_turn(desk, row.id, action)
    if now is None or import_flow.looked_at(request, desk, now).over:
        turn += 1
    with acting(request) as desk:
        start = import_flow.begin(
            desk, row, action, turn, request_id=request.scope["state"]["request_id"]
        )
    import_flow.try_to_hand_over(request, start)
    return batch(request, batch_id)


def _whole(row: BatchRow, now: Progress | None) -> BatchInFull:
    return BatchInFull(**_row(row), told=row.told, doing=now.action if now else None)


def _row(row: BatchRow) -> dict[str, Any]:
    return {
        "id": row.id, "community_id": row.community_id, "kind": row.kind,
        "file_name": row.file_name, "status": row.status,
        "status_name": IMPORT_BATCH.status_names[row.status], "created_at": row.created_at,
        "actor_name": row.actor_name, "checked": row.checked, "faults": row.faults,
    }  # fmt: skip
