"""Every route of the API x what a token may x own and foreign community. A new route needs a door."""

import pytest

from domain import clock
from domain.access.permissions import PERMISSIONS
from domain.session import transaction
from tests.gateway.web.api.conftest import Program, token_of
from tests.gateway.web.api.doors import DOORS, ApiDoor
from tests.gateway.web.conftest import Browser
from tests.gateway.web.doors import place

OUT, SHUT, GONE = 401, 403, 404


def routes(app) -> set[str]:
    """`METHOD /path` of everything the document of the API describes."""
    told = Program(app, None).get("/openapi.json").json()["paths"]
    return {f"{method.upper()} {path}" for path, methods in told.items() for method in methods}


def test_every_route_has_a_door(app):
    known = {door.named for door in DOORS}
    assert routes(app) - known == set(), "routes without a door in tests/gateway/web/api/doors.py"
    assert known - routes(app) == set(), "doors that lead nowhere"


@pytest.fixture
def places(engine, vault):
    """Our community and somebody else's, of one company."""
    with transaction(engine) as session:
        ours = place.build(session, vault, clock.now(), name="本园小区", building="61")
        theirs = place.build(session, vault, clock.now(), name="外园小区", building="87")
        for row in list(session.identity_map.values()):
            session.refresh(row)
    return ours, theirs


@pytest.fixture
def everybody(engine, places):
    """A colleague who may do everything in our community, and nothing elsewhere."""
    office = places[0].office
    made = place.people(
        engine, ["admin"], community_id=office.community.id, company_id=office.company.id
    )
    return made["admin"]


@pytest.fixture
def with_scopes(app, engine, everybody):
    """A program of everybody's with just these scopes; the same scopes are the same token."""
    known = {}

    def made(scopes) -> Program:
        key = tuple(scopes)
        known[key] = known.get(key) or Program(app, token_of(engine, everybody, list(key)))
        return known[key]

    return made


def knock(program: Program, door: ApiDoor, where) -> tuple[int, str]:
    """Ask as a program: status and what came back."""
    extra = {
        "headers": {"Idempotency-Key": f"matrix-{door.path}-{where.bill.id}".replace("/", "-")}
    }
    if door.form:
        extra |= door.form(where)
    elif door.sent:
        extra["json"] = door.sent(where)
    answer = program.ask(
        door.method, door.address(where), **(extra if door.method == "POST" else {})
    )
    return answer.status_code, answer.text


def test_a_token_opens_what_its_scopes_say_where_its_colleague_may(places, with_scopes):
    wrong = []
    for door in DOORS:
        wrong += opened(with_scopes(door.needs or ["rooms.see"]), door, *places)
    assert not wrong, "\n".join(wrong)


def test_no_other_scope_opens_it(places, with_scopes):
    """All that the colleague may do but for one of the needs: shut, and nothing is shown."""
    wrong = []
    for door, without in [(one, need) for one in DOORS for need in one.needs]:
        scopes = [one for one in PERMISSIONS if one != without and one not in door.instead]
        status, text = knock(with_scopes(scopes), door, places[0])
        if status != SHUT:
            wrong.append(f"{door.named} without {without}: {status}, should be refused")
        if any(mark in text for mark in places[0].marks):
            wrong.append(f"{door.named} without {without}: the refusal shows what it refuses")
    assert not wrong, "\n".join(wrong)


def opened(program: Program, door: ApiDoor, ours, theirs):
    """What is wrong with a door for a token that has exactly what it needs."""
    status, text = knock(program, door, ours)
    if status in (OUT, SHUT, GONE) or status >= 500:
        yield f"{door.named}: {status}, should open: {text}"
    if any(mark in text for mark in theirs.marks):
        yield f"{door.named}: shows what belongs to another community"
    if door.at is not None:
        status, text = knock(program, door, theirs)
        if status not in (SHUT, GONE):
            yield f"{door.named}, another community's: {status}, should be refused"
        if any(mark in text for mark in theirs.marks):
            yield f"{door.named}, another community's: the refusal shows what it refuses"


def test_nobody_comes_in_without_a_token_and_a_cookie_is_none(app, config, places, everybody):
    browser = Browser(app, config).sign_in(everybody)
    for door in DOORS:
        assert knock(Program(app, None), door, places[0])[0] == OUT, door.named
        with_cookie = Program(app, None)
        with_cookie.http.cookies = browser.http.cookies
        assert knock(with_cookie, door, places[0])[0] == OUT, door.named


def test_a_token_does_not_open_the_desk(app, engine, places, everybody):
    program = Program(app, token_of(engine, everybody))
    headers = {"Authorization": f"Bearer {program.token}", "Accept": "application/json"}
    assert program.http.get("/desk", headers=headers).status_code == OUT
    program.http.cookies.set("wuye_desk", program.token)
    assert program.http.get("/desk", headers={"Accept": "*/*"}).status_code == OUT
