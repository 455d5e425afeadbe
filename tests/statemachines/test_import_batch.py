"""导入批次: the table, and who did it."""

from sqlalchemy import select

from domain.history.model import AuditEntry, StatusChange
from domain.imports import batches
from domain.imports.model import ImportKind
from statemachines import import_batch as machine
from tests.domain.imports.sheets import bring, room, undo
from tests.statemachines import squares

TABLE = {("checked", "apply"): "applied", ("applied", "undo"): "undone"}


def test_every_state_times_every_verb(office):
    batch = batches.receive(
        office.session, office.vault, community_id=office.community.id, kind=ImportKind.OWNERS,
        file_name="业主.xlsx", data=b"PK", by=office.by, at=office.at,
    )  # fmt: skip
    for status, verb in squares.cells(machine.IMPORT_BATCH):
        with office.session.begin_nested() as one:
            squares.check_cell(office.session, machine.IMPORT_BATCH, batch, status, verb, TABLE)
            one.rollback()


def test_history_and_audit_name_who_and_how_many(office):
    batch, _ = bring(office, room())
    undo(office, batch)
    changes = office.session.execute(
        select(StatusChange.verb, StatusChange.actor_name).order_by(StatusChange.id)
    ).all()
    assert [tuple(row) for row in changes] == [("apply", "周经理"), ("undo", "周经理")]
    entries = office.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(e.action, e.subject_id) for e in entries] == [
        ("import.apply", batch), ("import.undo", batch),
    ]  # fmt: skip
    assert entries[0].detail["new"] == 1
