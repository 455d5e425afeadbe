"""Colleagues with links: who may bill, in which community."""

import pytest

from domain import clock
from domain.bills.model import BillRun
from domain.bills.variance import summarize
from domain.session import snapshot
from gateway.action_links import decide_link, path_of, start_link
from statemachines.bill_run import BILL_RUN
from statemachines.engine import fire

WAITING = "7b6b0f6e-3f0e-4c3a-9d5a-0a4a4e9d1c55"


@pytest.fixture
def flows(app):
    """What Prefect is told, and answers."""
    return app.state.flow_server


@pytest.fixture
def link(config):
    """The path of a link that starts bill runs (or what it is asked), `days` ago."""

    def made(deployment="bill-run/monthly", **preset):
        keys = {f"form.{name}": value for name, value in preset.items()}
        return path_of(config, start_link(config, deployment, at=clock.now(), preset=keys))

    return made


@pytest.fixture
def town(scene):
    """Four homes, and November's two drafts of ¥150.00 that wait for a decision.

    张经理 and 李经理 bill and approve; 钱助理 only starts billing; 周师傅 has no such rights.
    """
    with scene() as office:
        office.room("1-1-101")
        office.room("1-1-102", owner="苏霞")
        everything = ["bills.run", "bills.see", "bills.approve"]
        office.zhang = office.staff("zhang", "张经理", everything)
        office.li = office.staff("lijl", "李经理", [*everything, "flows.watch"])
        office.qian = office.staff("qian", "钱助理", ["bills.run"])
        office.zhou = office.staff("zhou", "周师傅", ["rooms.see"])
        office.drafts = [
            office.bill(office.room("9-1-101"), 10_000, issued=False),
            office.bill(office.room("9-1-102", owner="董兰"), 5_000, issued=False),
        ]
        office.run = office.session.get_one(BillRun, office.drafts[0].bill_run_id)
        for verb in ("draft", "submit"):
            fire(office.session, BILL_RUN, office.run, verb, by=office.clock, at=office.at)
        office.run.summary = summarize(office.session, office.run)
        office.run.waiting_run = WAITING
    return office


@pytest.fixture
def letter(config, town):
    """The path of the link in the approver's letter."""
    link = decide_link(config, town.run.id, nonce="letter 1", at=clock.now())
    return path_of(config, link)


@pytest.fixture
def waiting(flows):
    """Prefect's run that waits for the decision on November."""
    flows.runs[WAITING] = {"id": WAITING, "deployment": "", "key": "", "state": {"type": "PAUSED"}}
    return WAITING


@pytest.fixture
def stored(engine):
    """What stands in the database now: `stored(question)` answers a function of a session."""

    def ask(question):
        with snapshot(engine) as session:
            return question(session)

    return ask
