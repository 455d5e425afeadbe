"""收费标准: a fee item belongs to a whole community."""

from tests.gateway.web.doors.door import Door


def fee(place):
    return {"fee_id": place.fee.id}


def cost(place):
    return {"fee_id": place.shared.id, "cost_id": place.cost.id}


COST = {"total": "90", "from_on": "2030-01-01", "to_on": "2030-02-01"}
PRICE = {"unit_price": "3", "from_on": "2030-01-01"}

DOORS = [
    Door("GET", "/desk/fees", "fees.see"),
    Door("POST", "/desk/fees/search", "fees.see", form={"q": "没有这项费用"}),
    Door("POST", "/desk/fees/export", "fees.see", form={"purpose": "核对收费标准"}),
    Door("GET", "/desk/fees/new", "fees.edit"),
    Door("POST", "/desk/fees/new", "fees.edit"),
    Door("GET", "/desk/fees/{fee_id}", "fees.see", fee),
    Door("POST", "/desk/fees/{fee_id}/vat", "fees.edit", fee, form={"rate": "6"}),
    Door("GET", "/desk/fees/{fee_id}/price", "fees.edit", fee),
    Door("POST", "/desk/fees/{fee_id}/price/edit", "fees.edit", fee),
    Door("POST", "/desk/fees/{fee_id}/price/confirm", "fees.edit", fee, form=PRICE),
    Door("POST", "/desk/fees/{fee_id}/price", "fees.edit", fee, form=PRICE),
    Door("POST", "/desk/fees/{fee_id}/charges", "fees.edit", fee),
    Door("POST", "/desk/fees/{fee_id}/name", "fees.edit", fee),
    *(Door(method, f"/desk/fees/{{fee_id}}/{act}", "fees.edit", fee)
      for act in ("stop", "start") for method in ("GET", "POST")),
    Door("GET", "/desk/fees/{fee_id}/costs/new", "fees.edit", cost),
    Door("POST", "/desk/fees/{fee_id}/costs/edit", "fees.edit", cost),
    Door("POST", "/desk/fees/{fee_id}/costs/confirm", "fees.edit", cost, form=COST),
    Door("POST", "/desk/fees/{fee_id}/costs", "fees.edit", cost, form=COST),
    Door("GET", "/desk/fees/{fee_id}/costs/{cost_id}/take-back", "fees.edit", cost),
    Door("POST", "/desk/fees/{fee_id}/costs/{cost_id}/take-back", "fees.edit", cost),
    Door("POST", "/desk/fees/{fee_id}/charges/{charge_id}/end", "fees.edit",
         lambda place: {**fee(place), "charge_id": place.charge.id}, form={"to_on": "2030-01-01"}),
]  # fmt: skip
