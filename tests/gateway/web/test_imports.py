"""导入 at the desk: a workbook comes in within limits, is checked, applied and taken back by the
flow, and every way this can go wrong is said.
"""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from domain.company.model import Community
from domain.history.model import AuditEntry
from domain.imports.model import ImportBatch, ImportStatus
from domain.people.model import Person
from domain.session import transaction
from domain.staff.joining import join
from domain.vault import Vault
from flows import importing
from gateway.excel.limits import MAX_FILE_BYTES
from gateway.web.uploads import ROOM_FOR_FIELDS, plain_name
from tests.gateway.excel.workbooks import DATA
from tests.gateway.web.conftest import words

MESSY = (DATA / "owners-messy.xlsx").read_bytes()


@pytest.fixture
def desk(browser, scene, app, config):
    """The manager at the desk, the flows told of, and somebody of another community."""
    with scene() as office:
        there = office._add(Community(company_id=office.company.id, name="别处花园"))
        office.looker = office.staff("kan", "看看", ["imports.apply"])
    office.there, office.flows = there, app.state.flow_server
    office.keys = Vault.from_setting(config.data_keys.get_secret_value())
    office.window = browser().sign_in(office.manager)
    office.window.get("/desk/imports/new")
    return office


def send(desk, data=MESSY, *, name="业主.xlsx", kind="owners", community=None, window=None):
    """Upload a workbook as a browser does."""
    window = window or desk.window
    form = {"form_key": window.form_key, "kind": kind, "community": community or desk.community.id}
    return window.http.post("/desk/imports", data=form, files={"file": (name, data)})


def number(answer) -> int:
    assert answer.status_code == 303, words(answer)
    return int(answer.headers["location"].rpartition("/")[2])


def work(desk, engine):
    """What the flow does with the newest start it was given."""
    form = list(desk.flows.runs.values())[-1]["parameters"]["form"]
    acts = {"check": importing.check_batch, "apply": importing.apply}
    if form["action"] == "undo":
        return importing.undo(engine, form["batch"], at=desk.at, login=form["by"])
    act = acts[form["action"]]
    return act(engine, desk.keys, form["batch"], at=desk.at, login=form["by"])


def act(desk, batch, verb):
    """Confirm what a page asks."""
    page = desk.window.get(f"/desk/imports/{batch}/{verb}")
    turn = page.text.split('name="turn" value="')[1].split('"')[0]
    return desk.window.post(f"/desk/imports/{batch}/{verb}", turn=turn)


def people(engine) -> int:
    with transaction(engine) as session:
        return session.scalar(select(func.count()).select_from(Person))


def test_from_upload_to_undo(desk, engine):
    batch = number(send(desk))
    [run] = desk.flows.runs.values()
    assert run["deployment"] == "owner-import/on-demand"
    assert run["parameters"]["form"] == {"batch": batch, "action": "check", "by": "manager"}
    page = desk.window.get(f"/desk/imports/{batch}")
    assert "正在检查" in words(page)
    assert 'http-equiv="refresh"' in page.text
    work(desk, engine)
    page = desk.window.get(f"/desk/imports/{batch}")
    said = words(page)
    assert 'http-equiv="refresh"' not in page.text
    assert "新增 36 行" in said
    assert "11 D 业主姓名没有填写" in said
    assert "已检查，还没导入" in said
    assert "新增 36 行，变更 0 行" in words(desk.window.get(f"/desk/imports/{batch}/apply"))
    assert people(engine) == 0
    for _ in range(2):  # a double click
        act(desk, batch, "apply")
    assert [one["key"] for one in desk.flows.runs.values()] == [
        f"import {batch} check 1", f"import {batch} apply 1",
    ]  # fmt: skip
    assert "正在导入" in words(desk.window.get(f"/desk/imports/{batch}"))
    work(desk, engine)
    assert "已导入" in words(desk.window.get(f"/desk/imports/{batch}"))
    assert people(engine) > 30
    again = act_again(desk, batch)
    assert again.status_code == 409
    with transaction(engine) as session:
        session.scalars(select(Person).order_by(Person.id).limit(1)).one().name = "改过名"
    act(desk, batch, "undo")
    work(desk, engine)
    said = words(desk.window.get(f"/desk/imports/{batch}"))
    assert "已撤销" in said
    assert "导入之后又改过" in said


def act_again(desk, batch):
    return desk.window.post(f"/desk/imports/{batch}/apply", turn="2")


def test_the_same_upload_sent_twice_is_one_batch(desk, engine):
    assert number(send(desk)) == number(send(desk))
    work(desk, engine)
    assert number(send(desk)) == 1
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(ImportBatch)) == 1


def test_the_file_is_sealed_and_the_flow_hears_only_its_number(desk, engine):
    batch = number(send(desk))
    with transaction(engine) as session:
        kept = session.get_one(ImportBatch, batch)
        assert kept.workbook[:2] != b"PK"
        assert desk.keys.open_bytes(kept.workbook) == MESSY
    assert set(next(iter(desk.flows.runs.values()))["parameters"]["form"]) == {
        "batch",
        "action",
        "by",
    }


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 422, "请选择要上传的工作簿"),
        (b"a,b\n1,2\n", 422, "CSV"),
        (b"%PDF-1.4", 422, "PDF"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), 422, "旧版 Excel"),
    ],
)
def test_what_is_no_workbook_is_refused_at_once(desk, engine, data, status, said):
    answer = send(desk, data)
    assert answer.status_code == status
    assert said in words(answer)
    assert desk.flows.runs == {}


def test_too_many_bytes_are_not_kept(desk, engine):
    answer = send(desk, b"PK" + b"x" * (MAX_FILE_BYTES + ROOM_FOR_FIELDS), kind="readings")
    assert answer.status_code == 422
    said = words(answer)
    assert "超过 20 MB 的上限。请删掉图片和用不到的工作表" in said
    assert "上传并检查" in said, "the form again, with what was chosen"
    assert f'<option value="{desk.community.id}" selected>' in answer.text
    assert 'value="readings" required checked' in answer.text
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(ImportBatch)) == 0


@pytest.mark.parametrize("body", [b"", b"--x\r\nhalf", b"\xff\xfe" * 50])
def test_a_form_that_breaks_off_is_refused(desk, body):
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
        answer = desk.window.http.post(
            "/desk/imports", content=body, headers={"content-type": kind}
        )
        assert answer.status_code in (403, 422)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.xlsx", "passwd.xlsx"), ("C:\\Users\\li\\业主.xlsx", "业主.xlsx"),
        ("..", ".."), ("", "未命名.xlsx"), ("a\x00\r\nb.xlsx", "a b.xlsx"), ("长" * 500, "长" * 120),
    ],
)  # fmt: skip
def test_a_files_name_is_only_a_name(sent, kept):
    assert plain_name(sent) == kept


@pytest.mark.parametrize("sent", ["../../etc/业主.xlsx", "..\\..\\业主.xlsx", "/tmp/业主.xlsx"])
def test_a_path_in_a_files_name_leads_nowhere(desk, engine, sent):
    batch = number(send(desk, name=sent))
    with transaction(engine) as session:
        assert session.get_one(ImportBatch, batch).file_name == "业主.xlsx"
    work(desk, engine)
    copy = desk.window.post(f"/desk/imports/{batch}/annotated", purpose="照批注改")
    assert ".." not in copy.headers["content-disposition"]
    assert "/" not in copy.headers["content-disposition"]


def test_a_new_community_leads_to_its_first_import(desk, browser, engine):
    with transaction(engine) as session:
        head = join(
            session, company_id=desk.company.id, login="root", name="总管理员", role="admin"
        )
    window, there = browser().sign_in(head), desk.there.id
    way = f'href="/desk/imports/new?kind=owners&amp;community={there}"'
    for path in ("/desk/rooms/places", f"/desk/company/communities/{there}"):
        page = window.get(path)
        assert "下一步：导入业主" in words(page), path
        assert way in page.text, path
    form = window.get(f"/desk/imports/new?kind=owners&community={there}")
    assert f'<option value="{there}" selected>' in form.text
    assert "从表格导入业主和房屋" in words(window.get("/desk/rooms"))
    looker = browser().sign_in(desk.looker)
    assert looker.get("/desk/rooms").status_code == 403
    for typed in ("x", "999999", "-1", "'"):
        assert window.get("/desk/imports/new", params={"community": typed}).status_code == 200


def test_batches_are_found_by_file_and_taken_out_as_a_table(desk, engine):
    number(send(desk, name="一期业主.xlsx"))
    number(send(desk, MESSY + b" ", name="二期业主.xlsx"))
    desk.window.get("/desk/imports")
    said = words(desk.window.follow(desk.window.post("/desk/imports/search", q="二期")))
    assert "二期业主.xlsx" in said
    assert "一期业主.xlsx" not in said
    sheet = load_workbook(
        io.BytesIO(desk.window.post("/desk/imports/export", purpose="年度核对").content)
    ).active
    assert sheet.max_row == 3


def test_a_script_in_a_files_name_is_only_text(desk):
    batch = number(send(desk, name="<script>alert(1)</script>.xlsx"))
    for path in (f"/desk/imports/{batch}", "/desk/imports"):
        assert "<script>alert" not in desk.window.get(path).text


def test_a_foreign_community_is_refused(desk, engine):
    answer = send(desk, community=desk.there.id)
    assert answer.status_code == 403
    assert "别处花园" not in answer.text
    for typed in ("", "0", "nonsense", "9" * 30):
        assert send(desk, community=typed or "x").status_code in (404, 422)
    assert send(desk, kind="delete").status_code == 422
    assert desk.flows.runs == {}


def test_an_unreadable_workbook_says_why_on_its_page(desk, engine):
    batch = number(send(desk, b"PK\x03\x04 nothing here"))
    from domain.imports import batches

    with transaction(engine) as session:
        batches.note_refusal(session, batch, "表格损坏，打不开")
    said = words(desk.window.get(f"/desk/imports/{batch}"))
    assert "这个文件不能导入 表格损坏，打不开" in said
    assert "导入 0 行" not in said


def test_prefect_away_is_said_and_tried_again(desk):
    desk.flows.away = True
    batch = number(send(desk))
    said = words(desk.window.get(f"/desk/imports/{batch}"))
    assert "还没有交给后台" in said
    assert "不用重新上传" in said
    desk.flows.away = False
    assert "做完会自动显示结果" in words(desk.window.get(f"/desk/imports/{batch}"))
    assert len(desk.flows.runs) == 1


def test_a_worker_that_does_not_answer_is_said(desk, engine, monkeypatch):
    batch = number(send(desk))
    monkeypatch.setattr("gateway.web.desk.import_flow.SLOW_SECONDS", -1)
    assert "后台还没有人接手" in words(desk.window.get(f"/desk/imports/{batch}"))


def test_a_check_that_broke_off_can_be_asked_again(desk, engine):
    batch = number(send(desk))
    [run] = desk.flows.runs
    desk.flows.told(run, "CRASHED")
    assert "检查中断了" in words(desk.window.get(f"/desk/imports/{batch}"))
    desk.window.post(f"/desk/imports/{batch}/check", turn="2")
    assert len(desk.flows.runs) == 2
    work(desk, engine)
    assert "新增 36 行" in words(desk.window.get(f"/desk/imports/{batch}"))
    assert desk.window.post(f"/desk/imports/{batch}/check", turn="3").status_code == 409


def test_the_annotated_copy_is_for_who_uploaded_it_and_on_record(desk, engine, browser):
    batch = number(send(desk))
    path = f"/desk/imports/{batch}/annotated"
    assert desk.window.post(path, purpose="照批注改").status_code == 409
    work(desk, engine)
    assert desk.window.post(path, purpose="").status_code == 422
    copy = desk.window.post(path, purpose="照批注改")
    assert load_workbook(io.BytesIO(copy.content)).sheetnames
    assert "attachment" in copy.headers["content-disposition"]
    other = browser().sign_in(desk.looker)
    assert other.post(path, purpose="看看").status_code == 403
    with transaction(engine) as session:
        told = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "import.handed_out")
        ).one()
        assert told.detail["reason"] == "照批注改"


@pytest.mark.parametrize("kind", ["owners", "readings", "charges"])
def test_every_template_opens(desk, kind):
    answer = desk.window.get(f"/desk/imports/template?kind={kind}")
    assert load_workbook(io.BytesIO(answer.content)).sheetnames


def test_nothing_to_import_leaves_no_button(desk, engine):
    batch = number(send(desk))
    with transaction(engine) as session:
        assert session.get_one(ImportBatch, batch).status == ImportStatus.CHECKED
    assert desk.window.post(f"/desk/imports/{batch}/apply", turn="1").status_code == 409
    assert desk.window.post(f"/desk/imports/{batch}/undo", turn="1").status_code == 409
