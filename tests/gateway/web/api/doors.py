"""Every route of the API, what a token needs there, and whether it is about one community's thing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

ANY = "(any token)"


@dataclass(frozen=True)
class ApiDoor:
    """One route. `at(place)` fills its path; `sent(place)` is its JSON, `form(place)` its upload.

    `needs`: the permissions a token must hold, every one; `instead`: what opens it, too.
    `keyed`: it wants an Idempotency-Key.
    """

    method: str
    path: str
    needs: tuple[str, ...] = ()
    at: Callable[[Any], Mapping[str, Any]] | None = None
    sent: Callable[[Any], Any] | None = None
    keyed: bool = False
    form: Callable[[Any], Mapping[str, Any]] | None = None
    instead: tuple[str, ...] = ()

    @property
    def named(self) -> str:
        return f"{self.method} {PATTERNS.get(self.path, self.path)}"

    def address(self, place: Any) -> str:
        values = self.at(place) if self.at else {}
        return self.path.format(**values)


def inside(_place):
    """About a thing that the body names."""
    return {}


def bill(place):
    return {"no": place.bill.no}


def receipt(place):
    return {"receipt_no": place.receipt_no}


def run(place):
    return {"run_id": place.bill.bill_run_id}


def person(place):
    return {"person_id": place.person.id}


def batch(place):
    return {"batch_id": place.batch.id}


def workbook(place):
    """An upload that is no workbook, for the community."""
    return {
        "data": {"community": str(place.office.community.id), "kind": "owners"},
        "files": {"file": ("a.xlsx", b"PK\x03\x04", "application/octet-stream")},
    }


def letter(place):
    return {"letter_id": place.letter.id}


def fee(place):
    return {"fee_id": place.fee.id}


def shared(place):
    return {"fee_id": place.shared.id}


COST = {"total_fen": 9_000, "start": "2030-01-01", "end": "2030-02-01"}
SEEN = "0" * 24
CHARGES_OF = "/fee-items/{fee_id}/charges?room={room}"

DOORS = [
    ApiDoor("GET", "/me"),
    ApiDoor("GET", "/communities"),
    ApiDoor("GET", "/rooms", ("rooms.see",)),
    ApiDoor("GET", "/rooms/{room_id}", ("rooms.see",), lambda place: {"room_id": place.room.id}),
    ApiDoor("GET", "/people", ("people.see",)),
    ApiDoor("POST", "/people-search", ("people.see",), sent=lambda place: {"words": "业主"}),
    ApiDoor("GET", "/people/{person_id}", ("people.see",), person),
    ApiDoor("POST", "/people/{person_id}/reveal", ("people.see",), person,
            lambda place: {"field": "phone", "reason": "核对登记的号码"}),
    ApiDoor("GET", "/bills", ("bills.see",)),
    ApiDoor("GET", "/bills/{no}", ("bills.see",), bill),
    ApiDoor("POST", "/bills/{no}/reversal", ("bills.reverse",), bill,
            lambda place: {"note": "算错了", "seen_paid_fen": 1}),
    ApiDoor("GET", "/bill-runs", ("bills.see",)),
    ApiDoor("GET", "/bill-runs/{run_id}", ("bills.see",), run),
    ApiDoor("POST", "/bill-runs/{run_id}/decision", ("bills.see", "bills.approve"), run,
            lambda place: {"decision": "approve", "bills": 1, "total_fen": 1}),
    ApiDoor("POST", "/bill-runs/{run_id}/reversal", ("bills.reverse",), run,
            lambda place: {"note": "算错了", "bills": 1, "total_fen": 1}),
    ApiDoor("GET", "/payments", ("payments.see",)),
    ApiDoor("GET", "/payments/{receipt_no}", ("payments.see",), receipt),
    ApiDoor("POST", "/payments", ("payments.take",), inside,
            lambda place: {"bills": [place.bill.no], "amount_fen": 1, "method": "cash",
                           "seen_owed_fen": 1}, keyed=True),
    ApiDoor("POST", "/payments/{receipt_no}/refund", ("payments.refund",), receipt,
            lambda place: {"note": "收错了"}),
    ApiDoor("GET", "/fee-items", ("fees.see",)),
    ApiDoor("GET", "/fee-items/{fee_id}", ("fees.see",), fee),
    ApiDoor("POST", "/fee-items/{fee_id}/prices", ("fees.edit",), fee,
            lambda place: {"unit_price": "3", "from_on": "2030-01-01", "prices_seen": SEEN}),
    ApiDoor("GET", CHARGES_OF, ("fees.see",),
            lambda place: {**fee(place), "room": place.room.code}),
    ApiDoor("POST", "/fee-items/{fee_id}/charges", ("fees.edit",), fee,
            lambda place: {"room": place.room.code, "from_on": "2030-01-01", "label": "新车位"}),
    ApiDoor("POST", "/fee-items/{fee_id}/charges/{charge_id}/end", ("fees.edit",),
            lambda place: {**fee(place), "charge_id": place.charge.id},
            lambda place: {"to_on": "2030-01-01"}),
    ApiDoor("GET", "/fee-items/{fee_id}/shared-costs", ("fees.see",), shared),
    ApiDoor("POST", "/fee-items/{fee_id}/shared-costs/trial", ("fees.edit", "bills.see"), shared,
            lambda place: COST),
    ApiDoor("POST", "/fee-items/{fee_id}/shared-costs", ("fees.edit",), shared,
            lambda place: COST),
    ApiDoor("POST", "/fee-items/{fee_id}/shared-costs/{cost_id}/take-back", ("fees.edit",),
            lambda place: {**shared(place), "cost_id": place.cost.id},
            lambda place: {"note": "录错了小区"}),
    ApiDoor("GET", "/meters", ("meters.see",)),
    ApiDoor("POST", "/meters/{meter_id}/readings", ("meters.edit",),
            lambda place: {"meter_id": place.meter.id},
            lambda place: {"read_on": "2026-02-01", "value": "150"}),
    ApiDoor("GET", "/imports", ("imports.apply",)),
    ApiDoor("GET", "/imports/{batch_id}", ("imports.apply",), batch),
    ApiDoor("POST", "/imports", ("imports.apply",), inside, form=workbook),
    ApiDoor("POST", "/imports/{batch_id}/apply", ("imports.apply",), batch),
    ApiDoor("POST", "/imports/{batch_id}/undo", ("imports.apply",), batch),
    ApiDoor("GET", "/letters", ("letters.handle",)),
    ApiDoor("GET", "/letters/{letter_id}", ("letters.handle",), letter),
    ApiDoor("POST", "/letters/{letter_id}/retry", ("letters.handle",), letter),
    ApiDoor("POST", "/flows/bill-run/monthly/runs", ("bills.run",), inside,
            lambda place: {"parameters": {"form": {"community": place.office.community.name}}},
            keyed=True),
    ApiDoor("GET", "/flow-starts/{start_id}", ("flows.watch",),
            lambda place: {"start_id": place.flow_start_id}, instead=("bills.run",)),
]  # fmt: skip

PATTERNS = {
    "/flows/bill-run/monthly/runs": "/flows/{flow}/{deployment}/runs",
    CHARGES_OF: CHARGES_OF.partition("?")[0],
}
