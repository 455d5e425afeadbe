"""Colleagues and their roles."""

from tests.gateway.web.doors.door import Door


def colleague(place):
    return {"staff_id": place.colleague.id}


def given(place):
    return {"staff_id": place.colleague.id, "grant_id": place.grant_id}


DOORS = [
    Door("GET", "/desk/staff", "staff.see"),
    Door("POST", "/desk/staff/search", "staff.see", form={"q": "没有这个人"}),
    Door("POST", "/desk/staff/export", "staff.see", form={"purpose": "核对名册"}),
    Door("GET", "/desk/staff/new", "staff.edit"),
    Door("POST", "/desk/staff/new", "staff.edit", form={"name": "孙新", "login": "x"}),
    Door("GET", "/desk/staff/{staff_id}", "staff.see", colleague),
    Door("GET", "/desk/staff/{staff_id}/edit", "staff.edit", colleague),
    Door("POST", "/desk/staff/{staff_id}/edit", "staff.edit", colleague),
    Door("POST", "/desk/staff/{staff_id}/roles", "staff.edit", colleague,
         form=lambda place: {"role_id": place.role.id, "where": place.office.community.id}),
    Door("POST", "/desk/staff/{staff_id}/roles/{grant_id}/revoke", "staff.edit", given),
    Door("POST", "/desk/staff/{staff_id}/link", "staff.edit", colleague),
    Door("POST", "/desk/staff/{staff_id}/sessions/end", "staff.edit", colleague),
    Door("GET", "/desk/staff/{staff_id}/leave", "staff.edit", colleague),
    Door("POST", "/desk/staff/{staff_id}/leave", "staff.edit", colleague),
    Door("POST", "/desk/staff/{staff_id}/return", "staff.edit", colleague),
]  # fmt: skip
