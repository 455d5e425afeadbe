"""What is offered is what is deployed: names, forms, rights."""

import pytest
import yaml
from prefect.utilities.callables import parameter_schema

from domain.access.access import Access, Grant
from domain.access.permissions import PERMISSIONS
from gateway.web.act.catalogue import NOT_STARTABLE, STARTABLE
from gateway.web.act.rights import RIGHTS
from gateway.web.act.schema import fields
from gateway.web.desk.menu import menu
from tests.architecture.source import ROOT
from tests.architecture.test_deployments import flow_at
from tests.docs.facts import deployments
from tests.support.flows_told import SCHEMAS

ENTRIES = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
FLOWS = dict(zip((one.name for one in deployments()), ENTRIES, strict=True))


def test_every_deployment_is_offered_or_said_why_not():
    assert set(STARTABLE) | set(NOT_STARTABLE) == set(FLOWS)
    assert not set(STARTABLE) & set(NOT_STARTABLE)
    assert set(RIGHTS) == set(STARTABLE)
    assert all(len(why) > 5 for why in NOT_STARTABLE.values())


@pytest.mark.parametrize("entry", STARTABLE.values(), ids=list(STARTABLE))
def test_rights_exist_and_what_moves_money_is_weighed(entry):
    assert {entry.needs, entry.shows} <= set(PERMISSIONS)
    assert entry.page or not entry.weighty or entry.weigh.__name__ == "weigh"


@pytest.mark.parametrize("name", [one for one, entry in STARTABLE.items() if not entry.page])
def test_its_form_can_be_shown_here(name):
    flow = flow_at(FLOWS[name]["entrypoint"])
    real = fields(parameter_schema(flow).model_dump())
    told = fields(SCHEMAS[name])
    assert [one.key for one in real] == [one.key for one in told]
    assert [(one.title, one.hint, one.kind) for one in real] == [
        (one.title, one.hint, one.kind) for one in told
    ], "tests/support/flows_told.py holds an old form"


@pytest.mark.parametrize("entry", STARTABLE.values(), ids=list(STARTABLE))
def test_who_may_start_something_finds_the_page_in_the_menu(entry):
    def finds(community_id):
        grant = Grant("岗位", frozenset({entry.needs}), {}, community_id, None)
        shown = menu(Access(1, "李经理", (grant,)))
        return "flows" in [page.key for module in shown for page in module.entries]

    assert finds(None)
    assert finds(1) is not entry.whole, "what acts on the whole company is not offered to less"
    assert entry.whole is (entry.where.__name__ == "_whole_company" and not entry.page)
