"""Workbooks over the API: handed in, checked and applied by the flow, each asked for once."""

import pytest
from sqlalchemy import select

from domain.access.model import ApiToken
from domain.company.model import Community
from domain.imports.model import ImportBatch
from domain.session import transaction
from gateway.excel.limits import MAX_FILE_BYTES
from gateway.excel.templates import owner_template
from tests.gateway.web.api.conftest import refused


@pytest.fixture
def hand_in(boss, engine):
    with transaction(engine) as session:
        community = session.scalars(select(Community.id)).one()

    def send(data: bytes, **changed):
        form = {"community": str(community), "kind": "owners", **changed}
        files = {"file": ("../../业主\u202e.xlsx", data, "application/octet-stream")}
        return boss.ask("POST", "/imports", data=form, files=files)

    return send


def test_a_workbook_is_kept_once_and_given_to_the_flow(hand_in, boss, app):
    workbook = owner_template()
    first = hand_in(workbook)
    assert first.status_code == 202, first.text
    told = first.json()
    assert (told["doing"], told["checked"], told["file_name"]) == ("check", False, "业主 .xlsx")
    assert hand_in(workbook).json()["id"] == told["id"]
    assert len(app.state.flow_server.runs) == 1
    assert boss.get("/imports").json()["rows"][0]["id"] == told["id"]


def test_applying_waits_for_the_check_and_happens_once(hand_in, boss, app, engine):
    batch = hand_in(owner_template()).json()["id"]
    refused(boss.post(f"/imports/{batch}/apply"), 409, "not_allowed_now")
    refused(boss.post(f"/imports/{batch}/undo"), 409, "not_allowed_now")
    with transaction(engine) as session:  # as the flow leaves it
        row = session.get_one(ImportBatch, batch)
        row.annotated, row.summary = b"sealed", {"accepted": 2, "new": 2}
    for _ in range(2):
        told = boss.post(f"/imports/{batch}/apply").json()
        assert told["doing"] == "apply"
    asked = [run["parameters"]["form"] for run in app.state.flow_server.runs.values()]
    assert [one["action"] for one in asked] == ["check", "apply"]
    with transaction(engine) as session:
        token = session.scalars(select(ApiToken.id)).one()
    assert {one["token"] for one in asked} == {token}, "what the flow does is told with it"
    last = list(app.state.flow_server.runs)[-1]
    app.state.flow_server.told(last, "CRASHED")
    boss.post(f"/imports/{batch}/apply")
    assert len(app.state.flow_server.runs) == 3


def test_what_is_no_workbook_is_refused(hand_in, boss, engine):
    refused(hand_in(b"%PDF-1.4"), 422, "workbook_not_xlsx")
    refused(hand_in(b""), 422, "invalid")
    refused(hand_in(owner_template(), kind="songs"), 422, "invalid")
    refused(hand_in(owner_template(), community="999999"), 404, "not_found")
    assert hand_in(b"PK" + b"x" * MAX_FILE_BYTES).status_code in (413, 422)
    refused(boss.post("/imports", {"kind": "owners"}), 422, "invalid")
    with transaction(engine) as session:
        assert session.scalars(select(ImportBatch.id)).all() == []
