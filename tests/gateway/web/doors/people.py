"""Owners, their rooms, and who sees them."""

from tests.gateway.web.doors.door import Door


def person(place):
    return {"person_id": place.person.id}


def stay(place):
    return {"person_id": place.person.id, "stay_id": place.stay.id}


DOORS = [
    Door("GET", "/desk/people", "people.see"),
    Door("POST", "/desk/people/search", "people.see", form={"q": "没有这个人"}),
    Door("POST", "/desk/people/export", "people.see", form={"purpose": "核对名册"}),
    Door("GET", "/desk/people/new", "people.edit"),
    Door("POST", "/desk/people/new", "people.edit",
         form=lambda place: {"community_id": place.office.community.id, "name": "赵新"}),
    Door("GET", "/desk/people/{person_id}", "people.see", person),
    Door("GET", "/desk/people/{person_id}/viewers", "staff.see", person),
    Door("POST", "/desk/people/{person_id}/reveal", "people.see", person,
         form={"field": "phone", "reason": "短"}),
    Door("GET", "/desk/people/{person_id}/edit", "people.edit", person),
    Door("POST", "/desk/people/{person_id}/edit", "people.edit", person, form={"name": "改名"}),
    Door("GET", "/desk/people/{person_id}/stays/new", "people.edit", person),
    Door("POST", "/desk/people/{person_id}/stays/new", "people.edit", person,
         form=lambda place: {"room": place.room.code, "from_on": "2026-01-01"}),
    Door("GET", "/desk/people/{person_id}/stays/{stay_id}", "people.edit", stay),
    Door("POST", "/desk/people/{person_id}/stays/{stay_id}/end", "people.edit", stay,
         form={"to_on": "x"}),
    Door("POST", "/desk/people/{person_id}/stays/{stay_id}/payer", "people.edit", stay,
         form={"since": "x"}),
    Door("POST", "/desk/people/{person_id}/stays/{stay_id}/remove", "people.edit", stay),
]  # fmt: skip
