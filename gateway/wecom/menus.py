"""The menu at the bottom of the app's conversation in WeCom.

A menu has up to three entries, each an address or up to five addresses below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.wecom.client import Reply, WeComApp
from gateway.wecom.faults import Answered

ENTRIES, BELOW = 3, 5
NAME_BYTES, BELOW_BYTES, URL_BYTES = 16, 40, 1024
NO_MENU = 46003


@dataclass(frozen=True)
class Entry:
    """A word people touch: it opens `url`, or shows the entries `below`."""

    name: str
    url: str = ""
    below: tuple["Entry", ...] = ()

    def body(self, *, top: bool = True) -> dict[str, Any]:
        """As WeCom wants it; ValueError when it breaks WeCom's limits."""
        if not 1 <= len(self.name.encode()) <= (NAME_BYTES if top else BELOW_BYTES):
            raise ValueError(f"menu entry {self.name!r} is too long or empty")
        if self.below:
            if not top or len(self.below) > BELOW:
                raise ValueError("a menu is two entries deep, at most five below one")
            return {
                "name": self.name,
                "sub_button": [one.body(top=False) for one in self.below],
            }
        is_address = self.url.startswith(("https://", "http://"))
        if not is_address or len(self.url.encode()) > URL_BYTES:
            raise ValueError("a menu entry needs an address with its scheme")
        return {"type": "view", "name": self.name, "url": self.url}


def create_menu(app: WeComApp, entries: Sequence[Entry]) -> None:
    """Set the menu in place of any other."""
    if not 1 <= len(entries) <= ENTRIES:
        raise ValueError(f"1 to {ENTRIES} entries, not {len(entries)}")
    app.post("menu/create", params=_agent(app), data={"button": [one.body() for one in entries]})


def menu(app: WeComApp) -> list[Reply]:
    """The menu as WeCom has it; empty when there is none."""
    try:
        return list(app.get("menu/get", params=_agent(app)).get("button") or ())
    except Answered as fault:
        if fault.code == NO_MENU:
            return []
        raise


def delete_menu(app: WeComApp) -> None:
    """Take the menu away."""
    app.get("menu/delete", params=_agent(app))


def _agent(app: WeComApp) -> dict[str, int]:
    return {"agentid": app.agent_id}
