"""Roles without money rights follow every link they are shown, and meet no amount anywhere; nor
does any address name the people its page is about.
"""

import io
import re
from html import unescape
from urllib.parse import unquote, urljoin

import pytest
from openpyxl import load_workbook

from domain import clock
from domain.session import transaction
from domain.staff.defaults import DEFAULT_ROLES
from tests.gateway.web import demo
from tests.gateway.web.conftest import words
from tests.gateway.web.doors import DOORS, place

LINK = re.compile(r'href="([^"#]+)"')
MONEY = re.compile("[¥￥]|[0-9.]元|[0-9] 元")
MONEY_RIGHTS = {"bills.see", "payments.see", "payments.take", "fees.see"}
POOR = [name for name, role in DEFAULT_ROLES.items() if not MONEY_RIGHTS & set(role.permissions)]
AMOUNTS = ("bills.", "payments.", "fees.")


@pytest.fixture
def town(engine, vault):
    """The matrix's place, with the demo household in it, and a colleague of each such role."""
    with transaction(engine) as session:
        here = place.build(session, vault, clock.now(), name="本园小区", building="61")
        demo.household(here.office)
        demo.approvals(here.office)
        for row in list(session.identity_map.values()):
            session.refresh(row)
    here.poor = place.people(
        engine, {name: DEFAULT_ROLES[name] for name in POOR},
        community_id=here.office.community.id, company_id=here.office.company.id,
    )  # fmt: skip
    return here


def walked(window):
    """Every page that links lead to from the first one and the phone's: address, answer."""
    todo, seen = ["/desk", "/h5/work"], set()
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = window.http.get(path)
        yield path, answer
        if "text/html" in answer.headers.get("content-type", ""):
            found = (urljoin(path, unescape(link)) for link in LINK.findall(answer.text))
            fresh = {one for one in found if one.startswith(("/desk", "/h5/work", "/act"))}
            todo += sorted(fresh - seen - set(todo))


def test_there_are_such_roles():
    assert set(POOR) == {"service", "technician", "inspector"}


@pytest.mark.parametrize("role", POOR)
def test_no_page_that_is_linked_shows_an_amount(browser, town, role):
    window = browser().sign_in(town.poor[role])
    visited, people = 0, ("欧阳文静", town.person.name, "13800138000", "13800001234")
    for path, answer in walked(window):
        visited += 1
        assert not any(one in unquote(path) for one in people), path
        assert answer.status_code == 200, f"{path} is linked and answers {answer.status_code}"
        if "text/html" in answer.headers["content-type"]:
            assert not MONEY.search(words(answer)), f"{path}: {MONEY.search(words(answer))}"
    assert visited > (30 if role == "service" else 6)


@pytest.mark.parametrize("role", POOR)
def test_no_money_page_opens_by_its_address(browser, town, role):
    window = browser().sign_in(town.poor[role])
    for door in DOORS:
        if door.method == "GET" and door.need.startswith(AMOUNTS):
            answer = window.http.get(door.address(town))
            assert answer.status_code == 403, door.named
            assert not MONEY.search(words(answer)), door.named


@pytest.mark.parametrize("key", ["people", "rooms", "meters"])
def test_an_export_has_no_column_of_amounts(browser, town, key):
    window = browser().sign_in(town.poor["service"])
    window.get(f"/desk/{key}")
    answer = window.post(f"/desk/{key}/export", purpose="核对一下名册")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).active
    said = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert not re.search("待缴|欠|金额|元|¥", said), said[:400]
