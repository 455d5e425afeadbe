"""The audit at the desk: in words, cut to where the reader may look, and proved whole."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select, text

from domain import clock
from domain.bills.model import Decision
from domain.history import audit, checking
from domain.history.actor import Actor
from domain.history.model import AuditEntry
from domain.ledger.proof import prove
from domain.session import transaction
from domain.staff.model import Role, StaffRole
from flows import ledger_check
from gateway.web import words as words_of_pages
from gateway.web.desk import audit_words
from tests.factories.office import Office
from tests.gateway.web.conftest import statements, words

ROOT = Path(__file__).parents[3]


@pytest.fixture
def told(scene):
    """Acts in our community and in another, and colleagues who may read of ours."""
    with scene() as office:
        office.owner = office.person("潘超", phone="13800138000")
        office.other = Office(office.session, office.vault, at=office.at, community="外园小区")
        office.stranger = office.other.person("外园业主")
        office.reader = office.staff("shen", "沈审计", ["audit.see", "people.see"])
        office.narrow = office.staff("zhai", "翟审计", ["audit.see"])
        act = {"by": office.by, "at": office.at}
        office.entry = audit.record(
            office.session, "person.reveal", subject="person", subject_id=office.owner.id,
            field="phone", reason="电话核实漏水", **act,
        )  # fmt: skip
        audit.record(
            office.session, "payment.take", subject="person", subject_id=office.owner.id,
            amount_fen=123_456, **act,
        )  # fmt: skip
        office.foreign = audit.record(
            office.session, "person.edit", subject="person", subject_id=office.stranger.id,
            fields=["name", "phone"], by=Actor.staff(99, "外园同事"), at=office.at,
        )  # fmt: skip
    return office


def test_acts_are_told_in_words(browser, told, engine):
    window = browser().sign_in(told.reader)
    with statements(engine) as sent:
        said = words(window.get("/desk/audit"))
    assert "周经理 查看完整号码 业主 潘超 哪一项：电话；原因：电话核实漏水" in said
    assert "沈审计 登录 员工 沈审计" in said
    assert "¥" not in said
    assert len(sent) <= 12
    said = words(window.get(f"/desk/audit/{told.entry.id}"))
    assert "查看完整号码" in said
    assert "原因 电话核实漏水" in said
    assert "person.reveal" not in said


def test_another_communitys_acts_are_not_there(browser, told):
    window = browser().sign_in(told.reader)
    said = words(window.get("/desk/audit"))
    assert "外园" not in said
    answer = window.get(f"/desk/audit/{told.foreign.id}")
    assert answer.status_code == 404
    assert "外园" not in answer.text


def test_who_sees_no_people_reads_no_names_of_them(browser, told):
    said = words(browser().sign_in(told.narrow).get("/desk/audit"))
    assert "查看完整号码" in said
    assert "潘超" not in said


@pytest.mark.parametrize(
    ("address", "there", "missing"),
    [
        ("?what=reveal", "查看完整号码 业主 潘超", "收款 业主"),
        ("?what=money&when=today", "收款 业主", "电话核实漏水"),
        ("?what=export", "没有符合条件的操作记录", "电话核实漏水"),
        ("?what=nonsense&when=' OR 1=1", "电话核实漏水", "外园"),
    ],
)
def test_filters(browser, told, address, there, missing):
    said = words(browser().sign_in(told.reader).get(f"/desk/audit{address}"))
    assert there in said
    assert missing not in said


def test_found_by_who_did_it(browser, told):
    window = browser().sign_in(told.reader)
    window.get("/desk/audit")
    said = words(window.follow(window.post("/desk/audit/search", q="周经理")))
    assert "电话核实漏水" in said
    assert "沈审计 登录" not in said


def test_a_change_behind_its_back_is_found(browser, told, engine):
    window = browser().sign_in(told.reader)
    window.get("/desk/audit/check")
    said = words(window.post("/desk/audit/check"))
    assert "完整，没有被改动过" in said
    assert "核对了全部" in said
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE audit_entry SET actor_name = '别人' WHERE id = :id"), {"id": told.entry.id}
        )
    said = words(window.post("/desk/audit/check"))
    assert f"从第 {told.entry.id} 条起对不上" in said


def test_the_newest_stretch_is_walked_from_the_entry_before_it(session, office):
    for number in range(6):
        audit.record(
            session, "staff.sign_out", subject="staff", subject_id=1, by=office.by,
            at=clock.now(), sessions=number,
        )  # fmt: skip
    walked = checking.walk(session, most=3)
    assert (walked.entries, walked.whole, walked.broken_at) == (3, False, None)
    rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.delete(rows[4])
    session.flush()
    assert checking.walk(session, most=3).broken_at == rows[5].id


def test_an_old_entry_is_found_by_the_nightly_proof_though_not_by_the_page(session, office):
    for number in range(6):
        audit.record(
            session, "staff.sign_out", subject="staff", subject_id=1, by=office.by,
            at=clock.now(), sessions=number,
        )  # fmt: skip
    assert prove(session).ok
    second = session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)).all()[1]
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text("UPDATE audit_entry SET actor_name = '别人' WHERE id = :id"), {"id": second}
    )
    session.expire_all()
    assert checking.walk(session, most=3).broken_at is None, "a page walks the newest only"
    proof = prove(session)
    assert (proof.ok, proof.audit_broken_at) == (False, second)
    assert ledger_check._said(proof) == f"操作记录从第 {second} 条起对不上，见核对结果"
    assert f"操作记录从第 {second} 条起对不上" in ledger_check._page(proof)


def test_the_page_says_how_far_it_looks(browser, told):
    window = browser().sign_in(told.reader)
    assert "这一页只核对最近 100,000 条" in words(window.get("/desk/audit/check"))


def test_acts_of_the_demo_are_called_so(browser, told, engine):
    with transaction(engine) as session:
        audit.record(
            session, "person.create", subject="person", subject_id=told.owner.id, by=Actor.operator("demo"),
            at=clock.now(),
        )  # fmt: skip
    said = words(browser().sign_in(told.reader).get("/desk/audit"))
    assert "演示 登记业主" in said
    assert "命令行 demo" not in said


def test_an_export_is_an_entry_itself(browser, told, engine):
    window = browser().sign_in(told.reader)
    window.get("/desk/audit")
    assert window.post("/desk/audit/export", purpose="年度内审").status_code == 200
    said = words(window.get("/desk/audit?what=export"))
    assert "导出表格" in said
    assert "用途：年度内审" in said


PUT_TOGETHER = {
    "f'bill_run.{decision.value}'": [f"bill_run.{one.value}" for one in Decision],
    "f'{what}.edit'": ["company.edit", "community.edit"],
    "f'{what.key}.export'": [],  # told by its ending
}
"""Actions that are no literal, and what they come to."""


def actions() -> set[str]:
    """Every action that the product writes: the second argument of `record`."""
    found = set()
    for folder in ("domain", "statemachines", "flows", "gateway", "deployments"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and re.search(r"record$", ast.unparse(node.func)):
                    for arg in node.args[1:2]:
                        if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
                            found.add(arg.value)
                        elif isinstance(arg, ast.JoinedStr):
                            found |= set(PUT_TOGETHER[ast.unparse(arg)])
    return {one for one in found if re.fullmatch(r"[a-z_]+\.[a-z_]+", one)}


def test_flows_are_called_by_their_names():
    deployed = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    named = {one["entrypoint"].rpartition(":")[2].replace("_", "-") for one in deployed}
    assert set(words_of_pages.FLOW_NAMES) == named


def test_every_act_has_words():
    unnamed = actions() - set(audit_words.ACTS)
    assert not unnamed, f"add words for these to gateway/web/desk/audit_words.py: {unnamed}"
    assert "payment.take" in actions()


def test_an_act_without_words_would_be_said_plainly():
    assert audit_words.act("person.teleport") == "其他操作（业主）"


def test_what_may_be_seen_elsewhere_shows_nothing_here(browser, told, engine):
    with transaction(engine) as session:
        role = Role(code="both", name="外园财务", permissions=["people.see", "bills.see"])
        session.add(role)
        session.flush()
        session.add(
            StaffRole(
                staff_id=told.narrow.id, role_id=role.id, community_id=told.other.community.id
            )
        )
    window = browser().sign_in(told.narrow)
    assert "潘超" not in words(window.get("/desk/audit")), "people are seen in 外园小区 only"
    with transaction(engine) as session:
        paid = session.scalars(select(AuditEntry.id).where(AuditEntry.action == "payment.take"))
        path = f"/desk/audit/{paid.one()}"
    assert "¥" not in words(window.get(path)), "and so are amounts"
    assert "¥1,234.56" in words(browser().sign_in(told.manager).get(path))
