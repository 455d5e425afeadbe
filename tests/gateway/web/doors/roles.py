"""Roles: a role held only in a foreign community is not ours to open."""

from tests.gateway.web.doors.door import Door


def role(place):
    return {"role_id": place.role.id}


def form(place):
    return {"name": place.role.name, "permissions": "rooms.see", "opened": "x"}


DOORS = [
    Door("GET", "/desk/roles", "roles.edit"),
    Door("POST", "/desk/roles/search", "roles.edit", form={"q": "客服"}),
    Door("POST", "/desk/roles/export", "roles.edit", form={"purpose": "年度核对"}),
    Door("GET", "/desk/roles/new", "roles.edit"),
    Door("POST", "/desk/roles/new", "roles.edit"),
    Door("GET", "/desk/roles/{role_id}", "roles.edit", role),
    Door("POST", "/desk/roles/{role_id}/confirm", "roles.edit", role, form=form),
    Door("POST", "/desk/roles/{role_id}/edit", "roles.edit", role, form=form),
    Door("GET", "/desk/roles/{role_id}/remove", "roles.edit", role),
    Door("POST", "/desk/roles/{role_id}/remove", "roles.edit", role, form={"opened": "x"}),
]
