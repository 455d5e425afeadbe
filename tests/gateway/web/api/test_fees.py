"""Fee items over the API: prices, charges of a room, 公摊."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from domain.fees.model import FeeBasis, RoomCharge, ShareBy, SharedCost, Tariff
from domain.history.model import AuditEntry
from domain.session import transaction
from tests.gateway.web.api.conftest import refused

LIFT = {
    "total_fen": 9_001, "start": "2026-10-01", "end": "2026-11-01", "total_quantity": "90",
    "building": "5",
}  # fmt: skip


@pytest.fixture
def here(scene):
    """电梯电费 by area over two homes of 5栋, one of them without an area, and a paid parking space."""
    with scene() as office:
        office.lift = office.fee(
            "lift", name="电梯电费", basis=FeeBasis.SHARED, share_by=ShareBy.AREA
        )
        office.parking = office.fee(
            "parking", name="车位费", basis=FeeBasis.FIXED, listed_only=True
        )
        office.tariff(office.parking, "300")
        office.room("5-1-101", area="100")
        office.room("5-1-102", area="200")
        office.room("5-1-103", area=None)
    office.costs = f"/fee-items/{office.lift.id}/shared-costs"
    return office


def stored(engine, question):
    with transaction(engine) as session:
        return session.scalars(question).all()


def acts(engine) -> list[tuple[str, bool]]:
    """Acts on fee items, and whether a token stands beside them."""
    found = stored(engine, select(AuditEntry).order_by(AuditEntry.id))
    return [(one.action, one.token_id is not None) for one in found if one.subject == "fee_item"]


def test_a_shared_cost_is_tried_out_entered_once_and_taken_back(here, engine, program):
    meter = program(here.manager, "fees.see", "fees.edit", "bills.see")
    trial = meter.post(f"{here.costs}/trial", LIFT).json()
    assert (trial["rooms"], trial["weightless"]) == (2, 1)
    assert (trial["least_fen"], trial["most_fen"]) == (3_000, 6_001)
    assert trial["buildings"] == [{"building": "5栋", "rooms": 2, "fen": 9_001}]
    assert stored(engine, select(SharedCost)) == []
    first, again = (meter.post(here.costs, LIFT) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == meter.get(here.costs).json()[0]
    assert (first.json()["scope"], first.json()["run_id"]) == ("5栋", None)
    refused(meter.post(here.costs, LIFT | {"total_fen": 1}), 409, "shared_cost_exists")
    back = f"{here.costs}/{first.json()['id']}/take-back"
    assert meter.post(back, {"note": "录错了月份"}).json() == []
    assert meter.get(here.costs).json() == []
    refused(meter.post(back, {"note": "录错了月份"}), 404, "shared_cost_not_found")
    assert acts(engine) == [("fee.share", True), ("fee.unshare", True)]


def test_a_cost_that_cannot_be_shared_is_refused_and_nothing_is_kept(here, engine, program):
    meter = program(here.manager, "fees.see", "fees.edit", "bills.see")
    for wrong, status, code in (
        ({"end": "2026-10-01"}, 422, "invalid"),
        ({"building": "77"}, 404, "scope_not_found"),
        ({"building": None, "entrance": "1"}, 422, "invalid"),
        ({"total_fen": -1}, 422, "request_invalid"),
        ({"total_quantity": "1e9"}, 422, "request_invalid"),
    ):
        for path in (here.costs, f"{here.costs}/trial"):
            refused(meter.post(path, LIFT | wrong), status, code)
    other = f"/fee-items/{here.parking.id}/shared-costs"
    refused(meter.post(other, LIFT | {"building": None}), 422, "invalid")
    assert stored(engine, select(SharedCost)) == []


def test_who_may_not_see_amounts_sees_the_costs_without(here, program):
    program(here.manager, "fees.edit").post(here.costs, LIFT)
    [cost] = program(here.manager, "fees.see").get(here.costs).json()
    assert (cost["total_fen"], cost["total_quantity"]) == (None, "90.0000")
    clerk = program(here.manager, "fees.see", "fees.edit")
    refused(clerk.post(f"{here.costs}/trial", LIFT), 403, "not_permitted")


def test_a_price_is_set_on_what_was_seen_and_once(here, engine, program):
    desk = program(here.manager, "fees.see", "fees.edit")
    path = f"/fee-items/{here.parking.id}"
    seen = desk.get(path).json()
    assert [(one["unit_price"], one["to_on"]) for one in seen["prices"]] == [("300.000000", None)]
    new = {"unit_price": "320", "from_on": "2027-01-01", "prices_seen": seen["prices_seen"]}
    gate = Barrier(2)

    def send(_number):
        gate.wait(30)
        return desk.post(f"{path}/prices", new)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(send, range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    again = desk.post(f"{path}/prices", new)
    assert again.status_code == 200
    assert again.json()["prices"][0]["from_on"] == "2027-01-01"
    late = new | {"unit_price": "330", "from_on": "2027-02-01"}
    refused(desk.post(f"{path}/prices", late), 409, "prices_changed")
    fresh = late | {"prices_seen": again.json()["prices_seen"]}
    tiers = {"tiers": [{"above": "10", "unit_price": "4"}]}
    refused(desk.post(f"{path}/prices", fresh | tiers), 422, "invalid")
    refused(desk.post(f"{path}/prices", fresh | {"from_on": "2199-01-01"}), 422, "invalid")
    refused(desk.post(f"{path}/prices", fresh | {"kind": "palace"}), 422, "request_invalid")
    assert desk.post(f"{path}/prices", fresh | {"kind": "shop"}).status_code == 201
    assert len(stored(engine, select(Tariff))) == 3
    assert acts(engine) == [("fee.price", True)] * 2


def test_a_parking_space_is_let_and_given_back(here, engine, program):
    garage = program(here.manager, "fees.see", "fees.edit")
    path = f"/fee-items/{here.parking.id}/charges"
    space = {"room": "5-1-101", "from_on": "2026-12-01", "label": "B1-023", "unit_price": "280"}
    told = garage.post(path, space)
    assert (told.status_code, told.json()["label"]) == (201, "B1-023")
    refused(garage.post(path, space), 409, "charge_overlaps")
    refused(garage.post(path, space | {"room": "9-9-999"}), 422, "charge_invalid")
    refused(garage.post(path, space | {"amount_fen": 5, "label": "B2"}), 422, "charge_invalid")
    end = f"{path}/{told.json()['id']}/end"
    refused(garage.post(end, {"to_on": "2026-12-01"}), 422, "charge_invalid")
    assert garage.post(end, {"to_on": "2027-03-01"}).json()["to_on"] == "2027-03-01"
    [row] = garage.get(path, params={"room": "5-1-101"}).json()
    assert (row["to_on"], row["unit_price"]) == ("2027-03-01", "280.000000")
    assert garage.get(path, params={"room": "5-1-102"}).json() == []
    assert len(stored(engine, select(RoomCharge))) == 1
    assert acts(engine) == [("charge.add", True), ("charge.end", True)]
