"""Contacts, menus and cards, as they are asked for and as they are understood."""

import pytest

from domain.staff.roster import Member
from gateway.wecom import contacts
from gateway.wecom.cards import close_card, letter_of, task_id
from gateway.wecom.client import WeComApp
from gateway.wecom.faults import Answered, Garbled
from gateway.wecom.menus import Entry, create_menu, delete_menu, menu
from tests.gateway.wecom.conftest import AGENT
from tests.gateway.wecom.fakeserver import FakeWeCom, error, ok


def person(userid: str, *homes: int, **more) -> dict:
    return {"userid": userid, "name": f"{userid}名", "department": list(homes), "status": 1, **more}


@pytest.fixture
def company(wecom: FakeWeCom) -> FakeWeCom:
    lists = {
        "1": [person("Zhou", 1, position="总经理")],
        "2": [person("li", 2), person("wang", 2, 3)],
        "3": [person("wang", 2, 3), person("gone", 3, status=5)],
    }
    wecom.answer("department/list", ok(department=[
        {"id": 1, "parentid": 0, "name": "安心物业"}, {"id": 2, "parentid": 1, "name": "翠湖花园"},
        {"id": 3, "parentid": 2, "name": "工程部"},
    ]))  # fmt: skip
    wecom.answer("user/list", lambda call: ok(userlist=lists[call.query["department_id"]]))
    wecom.answer("tag/list", ok(taglist=[{"tagid": 7, "tagname": "收费"}, {"tagid": 8}]))
    wecom.answer("tag/get", lambda call: {
        "7": ok(tagname="收费", userlist=[{"userid": "LI"}], partylist=[3]),
        "8": ok(tagname="无人", userlist=[], partylist=[]),
    }[call.query["tagid"]])  # fmt: skip
    return wecom


def test_everybody_is_read_once_with_tags_of_departments_around_them(
    company: FakeWeCom, app: WeComApp
) -> None:
    roster = contacts.read_all(app)
    assert sorted(roster.members) == ["gone", "li", "wang", "zhou"]
    assert roster.members["zhou"].userid == "Zhou"
    assert not roster.members["gone"].works
    assert roster.above(3) == [3, 2, 1]
    tagged = {key: [tag.id for tag in roster.tags_of(one)] for key, one in roster.members.items()}
    assert tagged == {"zhou": [], "li": [7], "wang": [7], "gone": [7]}


@pytest.mark.parametrize("path", ["department/list", "user/list", "tag/list", "tag/get"])
def test_half_an_answer_is_none(company: FakeWeCom, app: WeComApp, path: str) -> None:
    company.answer(path, ok())
    with pytest.raises(Garbled):
        contacts.read_all(app)
    company.answer(path, error(60011))
    with pytest.raises(Answered):
        contacts.read_all(app)


def test_a_hint_reads_the_member_again_and_only_tags_that_matter(
    company: FakeWeCom, app: WeComApp
) -> None:
    company.answer("user/get", lambda call: (
        ok(**person("li", 2)) if call.query["userid"] == "li" else error(60111)
    ))  # fmt: skip
    roster = contacts.read_some(app, ["li", "Nobody"], mapped={7})
    assert roster.members["li"] == Member("li", "li名", "", frozenset({2}))
    assert (roster.whole, roster.gone) == (False, frozenset({"nobody"}))
    assert [call.query["tagid"] for call in company.calls if call.path == "tag/get"] == ["7"]


def test_pairs_come_page_by_page(wecom: FakeWeCom, app: WeComApp) -> None:
    first = ok(next_cursor="c", dept_user=[{"userid": "a", "department": 1}])
    wecom.answer("user/list_id", first, ok(dept_user=[{"userid": "b", "department": 2}]))
    assert list(contacts.pairs(app)) == [("a", 1), ("b", 2)]
    assert wecom.last("user/list_id").json == {"cursor": "c", "limit": 10_000}


def test_a_menu_is_set_read_and_taken_away(wecom: FakeWeCom, app: WeComApp) -> None:
    entries = [Entry("工作台", "https://w.example/desk"),
               Entry("更多", below=(Entry("发起出账", "https://w.example/act/x"),))]  # fmt: skip
    create_menu(app, entries)
    call = wecom.last("menu/create")
    assert call.query["agentid"] == str(AGENT)
    assert call.json["button"][1]["sub_button"][0] == {
        "type": "view", "name": "发起出账", "url": "https://w.example/act/x",
    }  # fmt: skip
    wecom.answer("menu/get", error(46003))
    assert menu(app) == []
    delete_menu(app)
    assert wecom.counts()["menu/delete"] == 1


@pytest.mark.parametrize(
    "bad",
    [Entry("名字实在太长了", "https://x"), Entry("好", "ftp://x"), Entry("", "https://x"),
     Entry("好", below=tuple(Entry(str(n), "https://x") for n in range(6)))],
)  # fmt: skip
def test_a_menu_wecom_would_refuse_is_not_made(wecom: FakeWeCom, app: WeComApp, bad: Entry) -> None:
    with pytest.raises(ValueError):
        create_menu(app, [bad])
    assert wecom.calls == []


def test_a_card_is_closed_once(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/update_template_card", ok(), error(60140), error(40058))
    assert close_card(app, "li", "code", "已由周经理 10:32 接手")
    assert wecom.last("message/update_template_card").json == {
        "userids": ["li"], "agentid": AGENT, "response_code": "code",
        "button": {"replace_name": "已由周经理 10:32 接手"},
    }  # fmt: skip
    assert not close_card(app, "li", "code", "x")
    with pytest.raises(Answered):
        close_card(app, "li", "code", "x")


def test_a_task_names_its_letter() -> None:
    assert letter_of(task_id(12, 1_700_000_000_123)) == 12
    assert [letter_of(x) for x in ("", "letter-0-1", "letter-12", "x-letter-1-1", "letter-1-1 ")] \
        == [None] * 5  # fmt: skip
