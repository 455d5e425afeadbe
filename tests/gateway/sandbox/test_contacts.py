"""Departments, members and tags: what an app may read, and what an administrator changes."""

from typing import Any

import httpx
import pytest

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import SandboxServer

COMPANY: dict[str, Any] = {
    "departments": [
        {"id": 2, "name": "客服部", "order": 10},
        {"id": 3, "name": "工程部", "order": 20},
        {"id": 4, "name": "水电班", "parentid": 3},
    ],
    "staff": [
        {"userid": "qianer", "name": "钱二", "departments": [2], "leads": [2]},
        {"userid": "sunsan", "name": "孙三", "mobile": "13800000003", "departments": [4, 2]},
        {"userid": "zhousi", "name": "周四", "departments": [4], "status": 4},
    ],
    "tags": [{"tagid": 5, "name": "值班", "members": ["qianer"], "departments": [3]}],
}


@pytest.fixture
def company(sandbox: SandboxServer) -> SandboxServer:
    """OFFICE with three departments and a tag, as first seeded."""
    sandbox.seed(**COMPANY)
    return sandbox


def change(sandbox: SandboxServer, **changes: Any) -> list[str]:
    events: list[str] = sandbox.control("POST", "contacts", changes)["events"]
    return events


def ids(people: dict[str, Any]) -> list[str]:
    return [one["userid"] for one in people["userlist"]]


def test_departments(company: SandboxServer, app: Caller) -> None:
    listed = app.get("department/simplelist")["department_id"]
    assert listed[0] == {"id": 1, "parentid": 0, "order": 0}
    assert [each["id"] for each in listed] == [1, 3, 2, 4]
    assert [each["id"] for each in app.get("department/list", id=3)["department"]] == [3, 4]
    service = app.get("department/get", id=2)["department"]
    assert (service["name"], service["department_leader"]) == ("客服部", ["qianer"])
    assert app.get("department/get", id=1)["department"]["name"] == "安居物业"


def test_members_are_the_direct_ones(company: SandboxServer, app: Caller) -> None:
    assert ids(app.get("user/simplelist", department_id=3, fetch_child=1)) == []
    assert ids(app.get("user/simplelist", department_id=4)) == ["sunsan", "zhousi"]
    [qian, sun] = app.get("user/list", department_id=2)["userlist"]
    assert (qian["is_leader_in_dept"], qian["isleader"]) == ([1], 1)
    assert (sun["department"], sun["main_department"]) == ([4, 2], 4)
    assert "mobile" not in sun
    assert [app.get("user/get", userid=who)["status"] for who in ("lisi", "zhousi")] == [1, 4]
    assert app.post("user/getuserid", {"mobile": "13800000003"})["userid"] == "sunsan"


def test_pairs_come_page_by_page(company: SandboxServer, app: Caller) -> None:
    pairs, cursor = [], ""
    for _ in range(50):
        page = app.post("user/list_id", {"cursor": cursor, "limit": 2})
        pairs += page["dept_user"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert {"userid": "sunsan", "department": 4} in pairs
    assert {"userid": "lisi", "department": 1} in pairs
    assert len(pairs) == len({tuple(pair.values()) for pair in pairs})


def test_tags(company: SandboxServer, app: Caller) -> None:
    assert {"tagid": 5, "tagname": "值班"} in app.get("tag/list")["taglist"]
    tag = app.get("tag/get", tagid=5)
    assert (tag["userlist"], tag["partylist"]) == ([{"userid": "qianer", "name": "钱二"}], [3])


@pytest.mark.parametrize(
    ("path", "errcode"),
    [
        ("department/simplelist?id=99", 60003),
        ("department/get?id=x", 60003),
        ("user/simplelist?department_id=99", 60003),
        ("user/list", 60003),
        ("user/get?userid=ghost", 60111),
        ("tag/get?tagid=99", 40068),
    ],
)
def test_what_is_not_there(company: SandboxServer, app: Caller, path: str, errcode: int) -> None:
    path, _, query = path.partition("?")
    assert app.get(path, **dict(httpx.QueryParams(query)))["errcode"] == errcode


def test_an_unknown_mobile(app: Caller) -> None:
    assert app.post("user/getuserid", {"mobile": ""})["errcode"] == 46004


def test_messages_to_departments_and_tags(company: SandboxServer, app: Caller) -> None:
    app.send("", toparty="3|99", msgtype="text", text={"content": "全部"})
    app.send("qianer", totag="5", msgtype="text", text={"content": "值班"})
    assert [len(company.messages(who)) for who in ("qianer", "sunsan", "zhousi")] == [1, 2, 2]


def test_joining_changing_and_leaving(company: SandboxServer, app: Caller) -> None:
    wuwu = {"userid": "wuwu", "name": "吴五", "departments": [2]}
    assert change(company, staff=[wuwu]) == ["create_user"]
    assert change(company, staff=[wuwu]) == []
    assert change(company, staff=[{**wuwu, "departments": [4]}]) == ["update_user"]
    assert change(company, remove={"staff": ["wuwu"]}) == ["delete_user"]
    assert app.get("user/get", userid="wuwu")["errcode"] == 60111
    assert app.send("lisi|wuwu")["invaliduser"] == "wuwu"
    assert "wuwu" not in ids(app.get("user/simplelist", department_id=4))
    assert change(company, staff=[{"userid": "wuwu", "name": "吴五"}]) == ["create_user"]
    assert app.get("user/get", userid="wuwu")["status"] == 1
    change(company, remove={"staff": ["wuwu"]})


def test_a_party_and_a_tag_change(company: SandboxServer) -> None:
    night = {"tagid": 6, "name": "夜班", "members": ["sunsan"]}
    assert change(company, departments=[{"id": 7, "name": "秩序部"}]) == ["create_party"]
    assert change(company, tags=[night]) == ["update_tag"]
    assert change(company, remove={"departments": [7], "tags": [6]}) == [
        "delete_party", "update_tag",
    ]  # fmt: skip


def test_a_leaver_stays_gone_over_a_seed_that_does_not_speak_of_him(
    company: SandboxServer, app: Caller
) -> None:
    change(company, staff=[{"userid": "lisi", "name": "李四", "status": 2}])
    company.seed_office()
    assert app.get("user/get", userid="lisi")["status"] == 2
    company.control("POST", "contacts", {"remove": {"staff": ["lisi"]}})
    company.seed_office()
    assert app.get("user/get", userid="lisi")["errcode"] == 60111
    company.reset()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"remove": {"staff": ["nobody"]}}, 404),
        ({"remove": {"departments": [1]}}, 404),
        ({"remove": {"departments": [3]}}, 409),
        ({"departments": [{"id": 8, "name": "悬空", "parentid": 77}]}, 422),
        ({"departments": [{"id": 3, "name": "工程部", "parentid": 4}]}, 422),
        ({"staff": [{"userid": "x", "name": "错", "departments": [99]}]}, 422),
        ({"tags": [{"tagid": 9, "name": "错", "members": ["nobody"]}]}, 422),
        ({"tags": [{"tagid": 9, "name": "值班"}]}, 422),
    ],
)
def test_what_an_administrator_cannot_do(
    company: SandboxServer, changes: dict[str, Any], status: int
) -> None:
    before = company.control("GET", "contacts")
    reply = company.http.post(f"{company.url}/_sandbox/contacts", json=changes)
    assert reply.status_code == status
    assert reply.json()["error"] >= "一"
    assert company.control("GET", "contacts") == before


def test_only_the_contacts_secret_reads_pairs_once_there_is_one(tmp_path: Any) -> None:
    with SandboxServer(tmp_path) as own:
        own.seed_office()
        own.seed(sync_secret="sync-secret")
        assert Caller(own, "app-secret-of-the-sandbox").post("user/list_id", {})["errcode"] == 48009
        sync = Caller(own, "sync-secret")
        assert len(sync.post("user/list_id", {})["dept_user"]) == 2
        assert sync.send()["errcode"] == 48002
        assert sync.mass("wm1")["errcode"] == 48002
