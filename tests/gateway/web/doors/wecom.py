"""WeCom's own door, and what its tags and departments mean here."""

from tests.gateway.web.doors.door import ANYBODY, Door

WHOLE_COMPANY = "(roles.edit for the whole company)"
"""A need that no role in one community fulfils."""


def tag(place):
    return {"row_id": 1}


DOORS = [
    Door("GET", "/wecom/callback", ANYBODY),
    Door("POST", "/wecom/callback", ANYBODY),
    Door("GET", "/desk/staff/wecom", WHOLE_COMPANY),
    Door("POST", "/desk/staff/wecom/tags/{row_id}", WHOLE_COMPANY, tag),
    Door("POST", "/desk/staff/wecom/departments/{row_id}", WHOLE_COMPANY, tag),
    Door("POST", "/desk/staff/wecom/sync", WHOLE_COMPANY),
]
