"""The contacts as an app may read them: department/..., user/..., tag/..."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from gateway.sandbox.company import records
from gateway.sandbox.people import member
from gateway.sandbox.replies import WeComError, json_body, ok, text_field
from gateway.sandbox.store import Row, Store
from gateway.sandbox.tokens import AnyCaller, SyncCaller

MOST_PAIRS = 10_000

router = APIRouter(prefix="/cgi-bin")


def number(typed: str, errcode: int) -> int:
    """An id out of the query."""
    if not typed.isdecimal() or len(typed) > 10:
        raise WeComError(errcode)
    return int(typed)


def known_department(store: Store, typed: str) -> int:
    """The id of a department that exists (60003)."""
    wanted = number(typed, 60003)
    if records.department(store, wanted) is None:
        raise WeComError(60003)
    return wanted


@router.get("/department/simplelist")
async def department_simplelist(caller: AnyCaller, id: str = "1") -> JSONResponse:  # noqa: A002
    """Ids, parents and order of the department and all below it."""
    rows = records.departments(caller.box.store, known_department(caller.box.store, id or "1"))
    return ok(
        department_id=[
            {"id": row["id"], "parentid": row["parentid"], "order": row["sort"]} for row in rows
        ]
    )


@router.get("/department/list")
async def department_list(caller: AnyCaller, id: str = "1") -> JSONResponse:  # noqa: A002
    """The department and all below it, with names and leaders."""
    store = caller.box.store
    rows = records.departments(store, known_department(store, id or "1"))
    leaders = records.leaders(store)
    return ok(department=[told(store, row, leaders) for row in rows])


@router.get("/department/get")
async def department_get(caller: AnyCaller, id: str = "") -> JSONResponse:  # noqa: A002
    """One department."""
    store = caller.box.store
    row = records.department(store, known_department(store, id))
    assert row is not None
    return ok(department=told(store, row, records.leaders(store)))


def told(store: Store, row: Row, leaders: dict[int, list[str]]) -> dict[str, Any]:
    """A department in full."""
    is_company = row["parentid"] == 0
    return {
        "id": row["id"],
        "name": (store.recall("corp_name") if is_company else None) or row["name"],
        "name_en": "",
        "department_leader": leaders.get(row["id"], []),
        "parentid": row["parentid"],
        "order": row["sort"],
    }


@router.get("/user/get")
async def user_get(caller: AnyCaller, userid: str = "") -> JSONResponse:
    """A member, with what an app of today may read (no mobile)."""
    if not userid:
        raise WeComError(41009)
    row = member(caller.box.store, userid)
    if row is None or row["status"] == records.REMOVED:
        raise WeComError(60111)
    homes = records.memberships(caller.box.store)[row["userid"].lower()]
    return ok(**records.record(row, homes))


@router.get("/user/simplelist")
async def user_simplelist(caller: AnyCaller, department_id: str = "") -> JSONResponse:
    """The direct members of a department: id, name, departments."""
    people = members_of(caller.box.store, department_id)
    return ok(
        userlist=[{key: one[key] for key in ("userid", "name", "department")} for one in people]
    )


@router.get("/user/list")
async def user_list(caller: AnyCaller, department_id: str = "") -> JSONResponse:
    """The direct members of a department, in full."""
    return ok(userlist=members_of(caller.box.store, department_id))


def members_of(store: Store, department_id: str) -> list[dict[str, Any]]:
    """Direct members only: fetch_child is a thing of the past."""
    rows = records.direct_members(store, known_department(store, department_id))
    homes = records.memberships(store)
    return [records.record(row, homes[row["userid"].lower()]) for row in rows]


@router.post("/user/list_id")
async def user_list_id(request: Request, caller: SyncCaller) -> JSONResponse:
    """Pairs of member and department, page by page; for the contacts' secret."""
    body = await json_body(request)
    limit = body.get("limit", MOST_PAIRS)
    if not isinstance(limit, int) or not 1 <= limit <= MOST_PAIRS:
        raise WeComError(40058, "limit must be 1 to 10000")
    after = number(text_field(body, "cursor") or "0", 40058)
    rows = caller.box.store.all(
        "SELECT m.rowid AS place, s.userid, m.department FROM membership m"
        " JOIN staff s ON s.userid = m.userid WHERE m.rowid > ? AND s.status <> 0"
        " ORDER BY m.rowid LIMIT ?",
        after, limit,
    )  # fmt: skip
    return ok(
        next_cursor=str(rows[-1]["place"]) if len(rows) == limit else "",
        dept_user=[{"userid": row["userid"], "department": row["department"]} for row in rows],
    )


@router.post("/user/getuserid")
async def user_getuserid(request: Request, caller: AnyCaller) -> JSONResponse:
    """The member with this mobile number (46004)."""
    mobile = text_field(await json_body(request), "mobile")
    userid = caller.box.store.value(
        "SELECT userid FROM staff WHERE mobile = ? AND mobile <> '' AND status <> 0", mobile
    )
    if userid is None:
        raise WeComError(46004)
    return ok(userid=userid)


@router.get("/tag/list")
async def tag_list(caller: AnyCaller) -> JSONResponse:
    """Every tag."""
    rows = records.tags(caller.box.store)
    return ok(taglist=[{"tagid": row["id"], "tagname": row["name"]} for row in rows])


@router.get("/tag/get")
async def tag_get(caller: AnyCaller, tagid: str = "") -> JSONResponse:
    """Who carries the tag: members and departments (40068)."""
    store = caller.box.store
    row = records.tag(store, number(tagid, 40068))
    if row is None:
        raise WeComError(40068)
    people = records.tag_members(store, row["id"])
    return ok(
        tagname=row["name"],
        userlist=[{"userid": each["userid"], "name": each["name"]} for each in people],
        partylist=records.tag_parties(store, row["id"]),
    )
