"""Contacts and customers change in WeCom: what is told is looked at again, then written."""

from datetime import timedelta

from sqlalchemy import select, update

from domain.access import sessions
from domain.access.model import DeskSession, SignInWay
from domain.inbox import rack
from domain.people.model import PersonChannel
from domain.session import transaction
from domain.staff import mapping
from domain.staff.model import GrantSource, Role, Staff, StaffRole, WecomDepartment, WecomTag
from flows.incoming import handling, service
from tests.flows.incoming.conftest import Inbox


def staff(inbox: Inbox, userid: str) -> Staff | None:
    with transaction(inbox.engine) as session:
        return session.scalar(select(Staff).where(Staff.wecom_userid == userid))


def change(inbox: Inbox, **changes: object) -> list[str]:
    """The administrator changes the contacts; the events WeCom would send are put in."""
    told: list[str] = inbox.sandbox.control("POST", "contacts", changes)["events"]
    return told


def test_one_who_left_is_out_at_once_and_one_still_there_is_not(box_of_events: Inbox) -> None:
    inbox = box_of_events
    with transaction(inbox.engine) as session:
        lisi = session.get_one(Staff, inbox.rack.staff["lisi"])
        sessions.begin(session, lisi, way=SignInWay.WECOM, device="", at=inbox.rack.clock())
    inbox.put("change_contact", "delete_user", UserID="lisi")
    inbox.handle()
    assert inbox.outcomes() == ["资料有变 1 人"], "an event is a hint: WeCom still knows him"
    assert staff(inbox, "lisi").active
    change(inbox, remove={"staff": ["lisi"]}, silent=True)
    inbox.put("change_contact", "delete_user", UserID="LiSi")
    inbox.handle()
    assert inbox.outcomes()[1] == "离开 1 人"
    assert not staff(inbox, "lisi").active
    assert staff(inbox, "zhaoliu").active
    with transaction(inbox.engine) as session:
        assert session.scalar(select(DeskSession.ended_at)) == inbox.rack.clock()


def test_joiners_and_changes_follow_hints(box_of_events: Inbox) -> None:
    inbox = box_of_events
    change(inbox, staff=[{"userid": "sunqi", "name": "孙七", "position": "前台"}], silent=True)
    inbox.put("change_contact", "create_user", UserID="sunqi")
    inbox.put("change_contact", "create_user", UserID="sunqi")
    inbox.put("enter_agent", FromUserName="sunqi")
    inbox.handle()
    assert inbox.outcomes() == ["加入 1 人", "没有变化", "已是员工，不需要处理"]
    assert staff(inbox, "sunqi").position == "前台"
    change(inbox, staff=[{"userid": "sun.qi", "name": "孙七"}], silent=True)
    inbox.put("change_contact", "update_user", UserID="sunqi", NewUserID="sun.qi")
    inbox.handle()
    assert staff(inbox, "sunqi") is None
    assert staff(inbox, "sun.qi").login == "sunqi"


def test_two_changes_within_a_second_are_both_seen(box_of_events: Inbox) -> None:
    """Both events read the same: WeCom tells who changed and the second it was."""
    inbox = box_of_events
    for name in ("孙七", "孙小七"):
        change(inbox, staff=[{"userid": "sunqi", "name": name}], silent=True)
        inbox.count = 7
        inbox.put("change_contact", "update_user", UserID="sunqi")
        inbox.handle()
    assert staff(inbox, "sunqi").name == "孙小七"


def test_departments_and_tags_are_read_once_for_many_events(box_of_events: Inbox) -> None:
    inbox = box_of_events
    with transaction(inbox.engine) as session:  # our manager has no account in this WeCom
        session.execute(update(Staff).where(Staff.login == "manager").values(wecom_userid=None))
    change(inbox, departments=[{"id": 2, "name": "翠湖花园"}],
           staff=[{"userid": "lisi", "name": "李四", "departments": [2]}],
           tags=[{"tagid": 5, "name": "收费岗", "members": ["lisi"]}], silent=True)  # fmt: skip
    for number in range(3):
        inbox.put("change_contact", "update_tag", TagId=number)
    inbox.handle()
    assert inbox.outcomes()[0] == "资料有变 2 人"
    with transaction(inbox.engine) as session:
        role = Role(code="fees", name="收费", permissions=[])
        session.add(role)
        session.flush()
        session.execute(update(WecomTag).values(role_id=role.id))
        session.execute(
            update(WecomDepartment)
            .where(WecomDepartment.wecom_id == 2)
            .values(community_id=inbox.rack.community)
        )
    inbox.rack.clock.on(seconds=5)
    before = inbox.sandbox.calls("tag/get")
    for number in range(3):
        with transaction(inbox.engine) as session:
            mapping.want_sync(session, f"{number}", at=inbox.rack.clock())
    inbox.rack.clock.on(seconds=1)
    inbox.handle()
    assert inbox.outcomes()[3:] == ["给出岗位 1 个", "已随另一次同步处理", "已随另一次同步处理"]
    assert inbox.sandbox.calls("tag/get") == before + 1
    with transaction(inbox.engine) as session:
        granted = session.execute(
            select(StaffRole.staff_id, StaffRole.community_id).where(
                StaffRole.source == GrantSource.WECOM
            )
        ).all()
    assert granted == [(inbox.rack.staff["lisi"], inbox.rack.community)]


def test_a_sync_that_would_empty_the_house_is_given_up(box_of_events: Inbox) -> None:
    inbox = box_of_events
    change(inbox, remove={"staff": ["lisi", "zhaoliu"]},
           staff=[{"userid": "new", "name": "新人"}], silent=True)  # fmt: skip
    inbox.put("change_contact", "update_party", Id=1)
    assert inbox.handle().given_up == 1
    assert "没有停用任何人" in str(inbox.outcomes()[0])
    assert staff(inbox, "lisi").active


def test_a_busy_wecom_is_asked_again_and_a_refusal_is_not(box_of_events: Inbox) -> None:
    inbox = box_of_events
    inbox.sandbox.faults({"path": "user/get", "errcode": -1, "times": 1})
    inbox.put("change_contact", "update_user", UserID="lisi")
    assert inbox.handle().later == 1
    assert "正忙" in str(inbox.outcomes()[0])
    assert not inbox.handle()
    inbox.rack.clock.on(seconds=15)
    assert inbox.handle().handled == 1
    inbox.sandbox.faults({"path": "department/list", "errcode": 48002, "times": 1})
    inbox.put("change_contact", "update_user", UserID="lisi")
    assert inbox.handle().given_up == 1


def test_what_breaks_us_is_given_up_after_five_tries_and_keeps_nobody(
    box_of_events: Inbox, monkeypatch
) -> None:
    inbox = box_of_events

    def broken(_room, _event):
        raise ZeroDivisionError("王小明")

    monkeypatch.setitem(handling.HANDLERS, "enter_agent", broken)
    inbox.put("enter_agent", FromUserName="lisi")
    inbox.put("view", EventKey="x")
    broke = []
    for _ in range(5):
        broke += inbox.handle().broken
        inbox.rack.clock.on(seconds=700)
    assert len(broke) == 1
    assert inbox.outcomes() == [
        "处理时出错（ZeroDivisionError）；请把这条记录交给系统管理员", "不需要处理",
    ]  # fmt: skip


def test_an_owner_who_unfriends_is_unreachable_until_he_is_back(box_of_events: Inbox) -> None:
    inbox = box_of_events

    def channel() -> tuple[str, bool]:
        with transaction(inbox.engine) as session:
            one = session.scalars(
                select(PersonChannel).where(PersonChannel.external_userid == "wm1")
            ).one()
            return one.follower_userid, one.broken_reason is None

    def told(change: str, who: str, **facts: object) -> tuple[str, bool]:
        inbox.put("change_external_contact", change, UserID=who, ExternalUserID="wm1", **facts)
        inbox.handle()
        return channel()

    before = int(inbox.rack.clock().timestamp()) - 60
    assert told("del_follow_user", "lisi", CreateTime=before) == ("lisi", True), "bound since"
    assert told("del_external_contact", "lisi") == ("lisi", True), "WeCom still names him"
    inbox.sandbox.unfriend("wm1")
    assert told("del_follow_user", "LISI") == ("lisi", False)
    assert told("add_external_contact", "nobody") == ("lisi", False)
    people = [{"external_userid": "wm1", "name": "王一", "followers": ["zhaoliu"]}]
    inbox.sandbox.seed(customers=people)
    assert told("add_external_contact", "zhaoliu") == ("zhaoliu", True)
    assert told("edit_external_contact", "lisi") == ("zhaoliu", True)
    inbox.sandbox.unfriend("wm1", by="staff")
    assert told("del_external_contact", "zhaoliu") == ("zhaoliu", False)
    assert inbox.outcomes() == [
        "没有需要改的业主绑定", "没有需要改的业主绑定", "1 位业主标为暂不可达", "没有需要改的业主绑定",
        "1 位业主恢复可达，1 位业主改由其他员工跟进", "不需要处理", "1 位业主标为暂不可达",
    ]  # fmt: skip


def test_a_lease_of_a_killed_process_is_not_waited_for(box_of_events: Inbox) -> None:
    inbox = box_of_events
    inbox.put("view", EventKey="x")
    with transaction(inbox.engine) as session:
        at = inbox.rack.clock()
        rack.claim(session, at=at, lease=at + timedelta(minutes=2), limit=5)
    assert not inbox.handle()
    assert service.once(inbox.room).unneeded == 1
