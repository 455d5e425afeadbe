"""Getting in, and one's own page."""

from tests.gateway.web.doors.door import ANYBODY, COLLEAGUE, NOBODY, Door


def colleague(place):
    return {"staff_id": place.office.manager.id}


DOORS = [
    Door("GET", "/desk/login", NOBODY),
    Door("GET", "/desk/login/wecom", ANYBODY),
    Door("GET", "/desk/login/qr", ANYBODY),
    Door("GET", "/desk/login/back", ANYBODY),
    Door("POST", "/desk/login/password", ANYBODY),
    Door("GET", "/desk/login/code", NOBODY),
    Door("POST", "/desk/login/code", ANYBODY),
    Door("GET", "/desk/login/new-password", ANYBODY),
    Door("POST", "/desk/login/new-password", ANYBODY),
    Door("GET", "/desk/me", COLLEAGUE),
    Door("POST", "/desk/me/password", COLLEAGUE),
    Door("POST", "/desk/me/sessions/end", COLLEAGUE, form={"session_id": 999_999_999}),
    Door("GET", "/desk/me/tokens", COLLEAGUE),
    Door("POST", "/desk/me/tokens", COLLEAGUE, form={"name": "程序"}),
    Door("GET", "/desk/me/tokens/{token_id}", ANYBODY),  # its owner: see test_tokens
    Door("POST", "/desk/me/tokens/revoke", COLLEAGUE, form={"token_id": 999_999_999}),
    Door("GET", "/desk/staff/{staff_id}/password", "staff.edit", colleague),
    Door("POST", "/desk/staff/{staff_id}/password", "staff.edit", colleague),
]
