"""A day's work over pages and API, done and refused: log, metrics and records name nobody."""

import json
import logging

import pytest
from sqlalchemy import select

from domain.history.model import AuditEntry, StatusChange
from domain.people.model import Person
from domain.session import transaction
from gateway.web.logs import LOGGER
from tests.gateway.web import demo
from tests.gateway.web.api.conftest import Program, token_of

NAME, PHONE, OTHER = "欧阳文静", "13800138000", "13911112222"
PEOPLE = (NAME, PHONE, OTHER, "138****8000", "139****2222")


@pytest.fixture
def stage(scene, browser, app, engine):
    """The demo household; its manager at the desk and with a program."""
    with scene() as office:
        office.bill_shown = demo.household(office)
        office.owner = office.session.scalars(select(Person).where(Person.name == NAME)).one()
    office.window = browser().sign_in(office.manager)
    office.program = Program(app, token_of(engine, office.manager))
    return office


def pages(stage) -> list[int]:
    """What a colleague does about an owner; the statuses."""
    window, person = stage.window, f"/desk/people/{stage.owner.id}"
    room = f"/desk/counter/rooms/{stage.bill_shown.room_id}"
    posts = (
        ("/desk/people/search", {"q": NAME}), ("/desk/counter/search", {"q": PHONE}),
        ("/desk/bills/search", {"q": NAME}), ("/desk/audit/search", {"q": NAME}),
        (f"{person}/reveal", {"field": "phone", "reason": "电话核实漏水"}),
        (f"{person}/edit", {"name": NAME, "phone": "1380013"}),
        (f"{person}/edit", {"name": NAME, "phone": OTHER}),
        ("/desk/people/new", {"name": NAME, "phone": OTHER, "community_id": stage.community.id}),
        (f"{room}/take", {"bills": stage.bill_shown.id, "amount_fen": 100, "note": NAME,
                          "seen_owed_fen": 31_831, "request_key": "one", "method": "cash"}),
        (f"{room}/take", {"bills": stage.bill_shown.id, "amount_fen": 100, "note": NAME,
                          "seen_owed_fen": 5, "request_key": PHONE}),
        ("/desk/people/export", {"purpose": "核对一下名册"}),
    )  # fmt: skip
    said = [window.get(one).status_code for one in (person, room, f"/desk/{NAME}")]
    return said + [window.post(path, **form).status_code for path, form in posts]


def calls(stage) -> list[int]:
    """What a program does about the same owner."""
    ask, person = stage.program.ask, f"/people/{stage.owner.id}"
    return [
        answer.status_code
        for answer in (
            ask("GET", person), ask("GET", f"/people/{NAME}"), ask("GET", f"/people?q={PHONE}"),
            ask("POST", "/people-search", json={"words": NAME}),
            ask("POST", "/people-search", json={"words": 5, NAME: PHONE}),
            ask("POST", "/people-search", content=f"{{{NAME}"),
            ask("POST", f"{person}/reveal", json={"field": "phone", "reason": "核对登记的号码"}),
            ask("POST", "/payments", json={"bills": [NAME]}, headers={"Idempotency-Key": PHONE}),
        )
    ]  # fmt: skip


def test_nobody_is_named_in_log_metrics_or_records(stage, engine, caplog):
    with caplog.at_level(logging.DEBUG, logger=LOGGER):
        said = pages(stage) + calls(stage)
    assert {200, 303, 404, 409, 422} <= set(said), said
    logged = "\n".join(
        json.dumps(vars(one), default=str, ensure_ascii=False) for one in caplog.records
    )
    with transaction(engine) as session:
        details = [str(one) for one in session.scalars(select(AuditEntry.detail))]
        notes = [str(one) for one in session.scalars(select(StatusChange.note))]
    assert len(details) >= 4
    assert "/desk/people/{person_id}/reveal" in logged
    told = [logged, stage.window.get("/metrics").text, *details, *notes]
    assert not [(one, text[:300]) for one in PEOPLE for text in told if one in text]
