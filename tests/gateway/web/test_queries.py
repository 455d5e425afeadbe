"""No page asks the database more often because there is more to show: every GET route, two towns."""

import pytest
from sqlalchemy import select

from domain import clock
from domain.access.model import ApiToken
from domain.session import transaction
from domain.staff.joining import join
from gateway.action_links import path_of
from gateway.links import owner_link
from tests.gateway.web.api.conftest import Program, token_of
from tests.gateway.web.api.doors import DOORS as API_DOORS
from tests.gateway.web.conftest import Browser, statements
from tests.gateway.web.doors import DOORS, place
from tests.gateway.web.growing import grow

FEW, MANY = range(2), range(2, 28)
NOW_AND_THEN = ("UPDATE desk_session", "UPDATE api_token")
"""Once a minute at most, whichever page it hits."""
MOST = 14

ELSEWHERE = ("/desk/login/", "/desk/enter/", "/wecom/")
"""Doors on the way in, which show nothing of ours."""


@pytest.fixture
def town(engine, vault):
    """The matrix's place with a few of everything, and an administrator of all."""
    with transaction(engine) as session:
        here = place.build(session, vault, clock.now(), name="本园小区", building="61")
        here.me = join(
            session, company_id=here.office.company.id, login="admin", name="赵主管", role="admin"
        )
        grow(here, here.me, FEW)
        here.token_id = session.scalars(select(ApiToken.id).order_by(ApiToken.id)).first()
        for row in list(session.identity_map.values()):
            session.refresh(row)
    return here


def addresses(town, config) -> dict[str, str]:
    """Every page that is there to be read: how it is named, where it is for this town."""
    owner = path_of(config, owner_link(config, person_id=town.person.id, at=clock.now()))
    fixed = {
        "{token}/me": f"{owner}/me",
        "{token}/{bill_no}": f"{owner}/{town.bill.no}",
        "/h5/b/{token}": owner,
        "/me/tokens/{token_id}": f"/desk/me/tokens/{town.token_id}",
    }
    found = {}
    for door in DOORS:
        if door.method != "GET" or door.path.startswith(ELSEWHERE):
            continue
        ends = next((there for end, there in fixed.items() if door.path.endswith(end)), None)
        found[f"{door.named} ({door.need})"] = ends or door.address(town)
    return found


def counted(engine, ask, pages: dict[str, str]) -> dict[str, tuple[int, int]]:
    """What each page asks of the database the second time, and how long it is."""
    found = {}
    for name, address in pages.items():
        assert ask(address).status_code < 400, name
        with statements(engine) as sent:
            answer = ask(address)
        asked = [one for one in sent if not one.startswith(NOW_AND_THEN)]
        found[name] = (len(asked), len(answer.content))
    return found


def test_no_page_asks_more_often_where_there_is_more(app, config, engine, town):
    window = Browser(app, config).sign_in(town.me)
    program = Program(app, token_of(engine, town.me))
    pages = addresses(town, config)
    calls = {f"API {one.named}": one.address(town) for one in API_DOORS if one.method == "GET"}

    def visit() -> dict[str, tuple[int, int]]:
        return counted(engine, window.http.get, pages) | counted(engine, program.get, calls)

    before = visit()
    with transaction(engine) as session:
        town.office.session = session
        grow(town, town.me, MANY)
    after = visit()
    grown = {name for name in before if after[name][0] > before[name][0]}
    assert not grown, {name: (before[name][0], after[name][0]) for name in grown}
    assert max(asked for asked, _ in after.values()) <= MOST
    longer = [name for name in before if after[name][1] > 1.5 * before[name][1]]
    assert len(longer) > 35, f"the town has not grown where pages look: {longer}"
