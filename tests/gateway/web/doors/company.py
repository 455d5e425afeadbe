"""企业设置: the company for who looks after all of it, a community for who looks after that one."""

from tests.gateway.web.doors.door import COLLEAGUE, NOBODY, Door

WHOLE_COMPANY = "(company.edit for the whole company)"
"""A need that no role in one community fulfils."""


def community(place):
    return {"community_id": place.office.community.id}


DOORS = [
    Door("GET", "/h5/logo", NOBODY),
    Door("GET", "/desk/company", "company.edit"),
    Door("POST", "/desk/company", WHOLE_COMPANY, form={"name": "改不了"}),
    Door("GET", "/desk/company/logo", COLLEAGUE),
    Door("POST", "/desk/company/logo", WHOLE_COMPANY),
    Door("POST", "/desk/company/logo/remove", WHOLE_COMPANY),
    Door("GET", "/desk/company/communities", "company.edit"),
    Door("POST", "/desk/company/communities/search", "company.edit", form={"q": "花园"}),
    Door("POST", "/desk/company/communities/export", "company.edit", form={"purpose": "核对小区资料"}),
    Door("GET", "/desk/company/communities/{community_id}", "company.edit", community),
    Door("POST", "/desk/company/communities/{community_id}", "company.edit", community,
         form=lambda place: {"name": place.office.community.name}),
]  # fmt: skip
