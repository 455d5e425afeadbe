"""Action links, following what was started, and the page of flows."""

from pydantic import SecretStr

from domain import clock
from gateway.action_links import decide_link, start_link
from gateway.settings import Settings
from gateway.web.act.catalogue import STARTABLE
from tests.gateway.web.doors.door import COLLEAGUE, Door

CONFIG = Settings(
    _env_file=None, secret_key=SecretStr("a key for this run"), base_url="http://testserver"
)


def starts(place):
    preset = {"form.community": place.office.community.name, "form.month": "2026-10"}
    link = start_link(CONFIG, "bill-run/monthly", at=clock.now(), preset=preset)
    return {"token": link.rpartition("/")[2]}


def decides(place):
    link = decide_link(CONFIG, place.bill.bill_run_id, nonce="matrix", at=clock.now())
    return {"token": link.rpartition("/")[2]}


def run(place):
    return {"start_id": place.flow_start_id}


WORD = {"decision": "approve", "bills": 0, "total_fen": 0}
DOORS = [
    Door("GET", "/act/{token}", "bills.run", starts),
    Door("GET", "/act/{token}", "bills.approve", decides),
    Door("POST", "/act/{token}/check", "bills.run", starts),
    Door("POST", "/act/{token}/start", "bills.run", starts),
    Door("POST", "/act/{token}/weigh", "bills.approve", decides, form=WORD),
    Door("POST", "/act/{token}/decide", "bills.approve", decides, form=WORD),
    Door("POST", "/act/{token}/carry-on", "bills.approve", decides),
    Door("GET", "/act/runs/{start_id}", "bills.run", run),
    Door("POST", "/act/runs/{start_id}/again", "bills.run", run),
    Door("GET", "/desk/flows", COLLEAGUE),
    *(Door("GET", one.address, one.needs) for one in STARTABLE.values() if not one.page),
]
