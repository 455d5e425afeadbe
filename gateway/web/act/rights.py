"""Who may start what: the menu, the page of flows and the links all ask here."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.access.access import Access

WATCHES = "flows.watch"


@dataclass(frozen=True, slots=True)
class Right:
    """The permission a start needs; `whole`: it acts on the whole company, so it is needed there."""

    permission: str
    whole: bool = False

    def held_by(self, access: Access) -> bool:
        """Whether somebody may start it somewhere."""
        return access.may(self.permission) if self.whole else self.permission in access.held


RIGHTS: Mapping[str, Right] = {
    "bill-run/monthly": Right("bills.run"),
    "owner-import/on-demand": Right("imports.apply"),
    "deliver-letters/continuous": Right("letters.handle", whole=True),
    "ledger-check/nightly": Right("audit.see", whole=True),
    "staff-sync/nightly": Right("staff.edit", whole=True),
}
"""Deployment -> who may start it."""


def finds_flows(access: Access) -> bool:
    """Whether 后台任务 holds anything for somebody: something to start, or runs to watch."""
    return WATCHES in access.held or any(right.held_by(access) for right in RIGHTS.values())
