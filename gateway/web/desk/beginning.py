"""What comes first where there is nothing yet."""

from collections.abc import Sequence

from gateway.web.sessions import Desk

ADDRESS = "/desk/imports/new?kind=owners"


def owners_import(desk: Desk) -> Sequence[tuple[str, str]]:
    """The way to a community's first import, for who may import a whole one."""
    if not desk.access.communities(desk.session, "imports.apply", whole=True):
        return []
    return [(ADDRESS, "从表格导入业主和房屋")]


def first_import(desk: Desk, community_id: int) -> str:
    """The same for one community, chosen already; "" for who may not import there."""
    if not desk.access.may("imports.apply", community_id=community_id):
        return ""
    return f"{ADDRESS}&community={community_id}"
