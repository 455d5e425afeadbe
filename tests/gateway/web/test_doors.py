"""Every route x every role x own and foreign community: who may come in, and what they see there."""

import pytest
from fastapi.routing import APIRoute

from domain import clock
from domain.session import transaction
from domain.staff.defaults import DEFAULT_ROLES
from tests.gateway.web.conftest import Browser
from tests.gateway.web.doors import DOORS, place
from tests.gateway.web.doors.door import ANYBODY, COLLEAGUE, NOBODY, Door

OUT, SHUT, GONE = 401, 403, 404
GUARDED = sorted(
    (door for door in DOORS if door.need not in (NOBODY, ANYBODY)), key=lambda door: door.last
)


def routes(router) -> set[str]:
    """Every `METHOD /path` of the application, of included routers too."""
    found = {
        f"{method} {route.path}"
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    inner = [route.original_router for route in router.routes if hasattr(route, "original_router")]
    return found.union(*map(routes, inner))


def test_every_route_has_a_door(app):
    known = {door.named for door in DOORS}
    front = {"GET /", "GET /health"}
    assert routes(app) - known - front == set(), "routes without a door in tests/gateway/web/doors"
    assert known - routes(app) == set(), "doors that lead nowhere"


def test_a_new_route_without_a_door_would_be_seen(app):
    app.add_api_route("/desk/secret", lambda: "x")
    assert "GET /desk/secret" in routes(app) - {door.named for door in DOORS}


@pytest.fixture
def places(engine, vault):
    """Our community and somebody else's, of one company."""
    with transaction(engine) as session:
        ours = place.build(session, vault, clock.now(), name="本园小区", building="61")
        theirs = place.build(session, vault, clock.now(), name="外园小区", building="87")
        for row in list(session.identity_map.values()):
            session.refresh(row)  # sets of rows were moved behind their backs
    return ours, theirs


@pytest.fixture
def colleagues(engine, places):
    """One of each default role, in our community only."""
    office = places[0].office
    return place.people(
        engine, DEFAULT_ROLES, community_id=office.community.id, company_id=office.company.id
    )


def knock(browser: Browser, door: Door, where) -> tuple[int, str]:
    """Open a door as somebody: status and what came back."""
    address = door.address(where)
    if door.method == "GET":
        answer = browser.http.get(address)
    else:
        form = {"form_key": browser.form_key, **door.filled(where)}
        answer = browser.http.request(door.method, address, data=form)
    return answer.status_code, answer.text


def test_who_may_come_in(app, config, places, colleagues):
    ours, theirs = places
    wrong = []
    for role, staff in colleagues.items():
        browser = Browser(app, config).sign_in(staff)
        for door in GUARDED:
            wrong += list(faults(browser, door, role, ours, theirs))
    assert not wrong, "\n".join(wrong)


def faults(browser, door: Door, role: str, ours, theirs):
    """What is wrong with a door for a role."""
    may = door.need == COLLEAGUE or door.need in DEFAULT_ROLES[role].permissions
    said = f"{door.named} as {role}"
    status, text = knock(browser, door, ours)
    if may and (status in (OUT, SHUT, GONE) or status >= 500):
        yield f"{said}: {status}, should open"
    if not may and status != SHUT:
        yield f"{said}: {status}, should be refused"
    if any(mark in text for mark in theirs.marks):
        yield f"{said}: shows what belongs to another community"
    if not may and any(mark in text for mark in ours.marks):
        yield f"{said}: the refusal shows what it refuses"
    if door.at is not None:
        status, text = knock(browser, door, theirs)
        if status not in (SHUT, GONE):
            yield f"{said}, another community's: {status}, should be refused"
        if any(mark in text for mark in theirs.marks):
            yield f"{said}, another community's: the refusal shows what it refuses"


def test_nobody_comes_in_without_signing_in(app, config, places):
    stranger = Browser(app, config)
    wrong = [
        f"{door.named}: {status}"
        for door in GUARDED
        if (status := knock(stranger, door, places[0])[0]) != OUT
    ]
    assert not wrong


def test_no_form_is_taken_without_its_key(app, config, places, colleagues):
    browser = Browser(app, config).sign_in(colleagues["admin"])
    browser.form_key = "somebody else's"
    wrong = [
        f"{door.named}: {status}"
        for door in GUARDED
        if door.method != "GET" and (status := knock(browser, door, places[0])[0]) != SHUT
    ]
    assert not wrong


def test_open_doors_are_open_and_forged_links_are_not(app, config):
    stranger = Browser(app, config)
    for door in DOORS:
        if door.need == NOBODY:
            assert knock(stranger, door, None)[0] < 400, door.named
