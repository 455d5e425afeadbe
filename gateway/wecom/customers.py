"""Customers (客户联系): who follows one."""

from gateway.wecom.client import WeComApp
from gateway.wecom.faults import Answered

PATH = "externalcontact/get"
NOBODYS = frozenset({40096, 84061})
MAX_PAGES = 20


def followers(app: WeComApp, external_userid: str) -> list[str]:
    """The members whose customer this is; nobody for a contact WeCom does not know (any more)."""
    found: list[str] = []
    cursor = ""
    for _ in range(MAX_PAGES):  # 500 followers a page
        asked = {"external_userid": external_userid, **({"cursor": cursor} if cursor else {})}
        try:
            page = app.get(PATH, params=asked)
        except Answered as fault:
            if fault.code in NOBODYS:
                break
            raise
        found += [str(one["userid"]) for one in page.get("follow_user") or ()]
        cursor = str(page.get("next_cursor") or "")
        if not cursor:
            break
    return found
