"""The counter, and what everybody may open."""

from tests.gateway.web.doors.door import ANYBODY, COLLEAGUE, NOBODY, Door


def room(place):
    return {"room_id": place.room.id}


DOORS = [
    Door("GET", "/healthz", NOBODY),
    Door("GET", "/readyz", NOBODY),
    Door("GET", "/metrics", NOBODY),
    Door("GET", "/h5/b/{token}", ANYBODY),
    Door("POST", "/h5/b/{token}/opened", ANYBODY),
    Door("GET", "/h5/b/{token}/me", ANYBODY),
    Door("GET", "/h5/work", COLLEAGUE),
    Door("GET", "/h5/b/{token}/{bill_no}", ANYBODY),
    Door("GET", "/desk/enter/{token}", ANYBODY),
    Door("POST", "/desk/enter/{token}", ANYBODY),
    Door("GET", "/desk", COLLEAGUE),
    Door("POST", "/desk/leave", COLLEAGUE, last=True),
    Door("GET", "/desk/counter", "payments.take"),
    Door("POST", "/desk/counter/search", "payments.take", form={"q": "没有这个人"}),
    Door("GET", "/desk/counter/rooms/{room_id}", "payments.take", room),
    Door("POST", "/desk/counter/rooms/{room_id}/confirm", "payments.take", room,
         form=lambda place: {"bills": place.bill.id}),
    Door("POST", "/desk/counter/rooms/{room_id}/edit", "payments.take", room),
    Door("POST", "/desk/counter/rooms/{room_id}/take", "payments.take", room,
         form=lambda place: {"bills": place.bill.id, "amount_fen": 100, "seen_owed_fen": 10_000,
                             "request_key": f"matrix {place.bill.id}"}),
    Door("POST", "/desk/counter/rooms/{room_id}/prepayment", "payments.take", room,
         form=lambda place: {"person_id": place.person.id, "auto": "yes"}),
    Door("GET", "/desk/counter/receipts/{receipt_no}", "payments.take",
         lambda place: {"receipt_no": place.receipt_no}),
]  # fmt: skip
