"""Colleagues as WeCom has them: joining, changing, leaving, roles by tag and place."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from domain.access import sessions
from domain.access.model import DeskSession, SignInWay
from domain.history.actor import Actor
from domain.history.audit import broken_at
from domain.session import transaction
from domain.staff.defaults import ensure_roles
from domain.staff.model import GrantSource, Role, Staff, StaffRole, WecomDepartment, WecomTag
from domain.staff.roster import Department, Member, Roster, Tag
from domain.staff.syncing import sync
from domain.staff.syncing.changes import Changes
from domain.staff.syncing.errors import MappingsGone, RosterEmpty, TooManyLeave
from tests.conftest import AT
from tests.factories.office import Office

BY = Actor.clock("staff-sync")
HOMES = {1: Department(1, 0, "公司"), 2: Department(2, 1, "翠湖花园"),
         3: Department(3, 2, "工程部"), 4: Department(4, 1, "新项目")}  # fmt: skip
TAGS = {7: Tag(7, "收费岗", frozenset({"LI", "wang"})), 8: Tag(8, "经理岗", frozenset({"manager"})),
        9: Tag(9, "工程岗", frozenset(), frozenset({3}))}  # fmt: skip


def people(**more: Member) -> dict[str, Member]:
    """The office's manager and four more."""
    found = {
        "manager": Member("manager", "周经理", "", frozenset({1})),
        "li": Member("Li", "李收银", "收费员", frozenset({2})),
        "wang": Member("wang", "王收银", "", frozenset({4})),
        "zhao": Member("zhao", "赵师傅", "", frozenset({3})),
        "sun": Member("sun", "孙师傅", "", frozenset({3})),
    }
    return {**found, **more}


def roster(members: dict[str, Member] | None = None, **more) -> Roster:
    return Roster(HOMES, TAGS, people() if members is None else members, **more)


def without(*keys: str) -> dict[str, Member]:
    return {key: one for key, one in people().items() if key not in keys}


def run(session: Session, found: Roster, *, at=AT, **how) -> Changes:
    return sync.apply(session, found, by=BY, at=at, **how)


def person(session: Session, userid: str) -> Staff:
    session.expire_all()
    return session.scalars(select(Staff).where(Staff.wecom_userid == userid)).one()


def roles(session: Session, userid: str, source=GrantSource.WECOM) -> list[tuple[str, int | None]]:
    rows = session.execute(
        select(Role.code, StaffRole.community_id)
        .join(StaffRole, StaffRole.role_id == Role.id)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(Staff.wecom_userid == userid, StaffRole.source == source)
        .order_by(Role.code)
    )
    return [tuple(row) for row in rows]


@pytest.fixture
def mapped(session: Session, office: Office) -> Office:
    """The contacts were read once and mapped: tags to roles, two departments to places."""
    ensure_roles(session)
    run(session, roster())
    for tag, code in ((7, "cashier"), (8, "manager"), (9, "technician")):
        role = session.scalar(select(Role.id).where(Role.code == code))
        session.execute(update(WecomTag).where(WecomTag.wecom_id == tag).values(role_id=role))
    here = office.community.id
    session.execute(
        update(WecomDepartment).where(WecomDepartment.wecom_id == 2).values(community_id=here)
    )
    return office


def test_who_joins_gets_an_account_and_no_role_by_itself(session: Session, office: Office) -> None:
    changes = run(session, roster())
    assert len(changes.joined) == 4
    assert person(session, "Li").position == "收费员"
    assert roles(session, "Li") == []
    assert "标签「收费岗」还没有对应岗位" in changes.unmapped
    assert not run(session, roster())


def test_tags_give_roles_where_departments_say(session: Session, mapped: Office) -> None:
    changes = run(session, roster())
    here = mapped.community.id
    assert roles(session, "Li") == [("cashier", here)]
    assert roles(session, "zhao") == roles(session, "sun") == [("technician", here)]
    assert roles(session, "wang") == []
    assert roles(session, "manager") == []
    assert "Li：收费员（翠湖花园）" in changes.granted
    assert any(line.startswith("wang：有岗位标签，但") for line in changes.unmapped)
    session.execute(
        update(WecomDepartment).where(WecomDepartment.wecom_id == 1).values(whole_company=True)
    )
    run(session, roster())
    assert roles(session, "wang") == [("cashier", None)]
    assert roles(session, "manager") == [("manager", None)]
    assert roles(session, "Li") == [("cashier", here)], "the nearest department decides"
    again = run(session, roster())
    assert not again, again


def test_what_a_colleague_gave_here_is_left_alone(session: Session, mapped: Office) -> None:
    run(session, roster())
    local = roles(session, "manager", GrantSource.LOCAL)
    assert local
    run(session, roster(without("manager")))
    assert roles(session, "manager", GrantSource.LOCAL) == local
    assert not person(session, "manager").active


def test_who_leaves_is_out_everywhere_and_may_come_back(session: Session, mapped: Office) -> None:
    run(session, roster())
    li = person(session, "Li")
    sessions.begin(session, li, way=SignInWay.LINK, device="", at=AT)
    changes = run(session, roster(without("li")))
    assert changes.left == ["Li"]
    assert changes.revoked == ["Li：收费员（翠湖花园）"]
    gone = person(session, "Li")
    assert (gone.active, gone.left_at, roles(session, "Li")) == (False, AT, [])
    assert session.scalars(select(DeskSession.ended_at)).all() == [AT]
    assert not run(session, roster(without("li"))), "twice is once"
    back = run(session, roster(), at=AT + timedelta(days=1))
    assert [line[:2] for line in back.back] == ["Li"]
    assert person(session, "Li").left_at is None
    assert broken_at(session) is None


def test_one_disabled_here_is_not_let_in_by_wecom(session: Session, mapped: Office) -> None:
    run(session, roster())
    session.execute(
        update(Staff).where(Staff.wecom_userid == "Li").values(active=False, left_at=AT)
    )
    assert run(session, roster()).back == []
    assert not person(session, "Li").active
    assert roles(session, "Li") == []


def test_disabled_in_wecom_is_gone(session: Session, mapped: Office) -> None:
    run(session, roster())
    off = Member("sun", "孙师傅", "", frozenset({3}), works=False)
    assert run(session, roster(people(sun=off))).left == ["sun"]


def test_names_and_positions_follow_but_no_name_is_no_news(
    session: Session, mapped: Office
) -> None:
    new = people(li=Member("Li", "李主管", "主管", frozenset({2})),
                 sun=Member("sun", "", "", frozenset({3})))  # fmt: skip
    changes = run(session, roster(new))
    assert changes.changed == ["Li：姓名变了，职务改为 主管"]
    assert person(session, "sun").name == "孙师傅"


def test_a_login_of_somebody_else_is_not_given_away(session: Session, office: Office) -> None:
    local = office.staff("zhao", "赵会计", ["bills.see"])
    session.execute(update(Staff).where(Staff.id == local.id).values(wecom_userid=None))
    changes = run(session, roster())
    assert any(line.startswith("zhao：工号已被") for line in changes.unmapped)
    assert session.get_one(Staff, local.id, populate_existing=True).wecom_userid is None


def test_half_an_answer_disables_nobody(session: Session, mapped: Office) -> None:
    run(session, roster())
    with pytest.raises(RosterEmpty):
        run(session, roster({}))
    with pytest.raises(TooManyLeave) as refused:
        run(session, roster(without("li", "wang")))
    assert refused.value.facts == {"leavers": 2, "working": 5}
    with pytest.raises(MappingsGone):
        run(session, Roster(HOMES, {8: TAGS[8]}, people()))
    with pytest.raises(MappingsGone):
        run(session, Roster({1: HOMES[1]}, TAGS, people()))
    assert person(session, "Li").active
    assert roles(session, "Li") != []
    assert len(run(session, roster(without("li", "wang")), force=True).left) == 2


def test_a_hint_concerns_only_whom_it_names(session: Session, mapped: Office) -> None:
    run(session, roster())
    before = roles(session, "zhao")
    hint = roster({}, whole=False, gone=frozenset({"li", "stranger"}))
    assert run(session, hint).left == ["Li"]
    assert person(session, "zhao").active
    assert roles(session, "zhao") == before
    joiner = {"qian": Member("qian", "钱前台", "", frozenset({2}))}
    assert run(session, roster(joiner, whole=False)).joined == ["qian"]


def test_another_userid_is_the_same_colleague(session: Session, mapped: Office) -> None:
    li = person(session, "Li")
    assert sync.rename(session, "LI", "li.new")
    assert person(session, "li.new").id == li.id
    assert not sync.rename(session, "wang", "li.NEW")


def test_one_reading_at_a_time(engine: Engine) -> None:
    with transaction(engine) as one:
        sync.take_turn(one)
        with transaction(engine) as other:
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            with pytest.raises(OperationalError), other.begin_nested():
                sync.take_turn(other)
