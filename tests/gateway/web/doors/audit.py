"""The audit: one community's auditor reads nothing about another."""

from tests.gateway.web.doors.door import Door

DOORS = [
    Door("GET", "/desk/audit", "audit.see"),
    Door("POST", "/desk/audit/search", "audit.see", form={"q": "没有这个人"}),
    Door("POST", "/desk/audit/export", "audit.see", form={"purpose": "内部审计"}),
    Door("GET", "/desk/audit/check", "audit.see"),
    Door("POST", "/desk/audit/check", "audit.see"),
    Door("GET", "/desk/audit/{entry_id}", "audit.see",
         lambda place: {"entry_id": place.entry_id}),
]  # fmt: skip
