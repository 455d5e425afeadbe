"""What of a fee item may change after it was set up: its name, and whether it is billed at all.

Nothing here restates a bill. How an item is computed is fixed once it exists; another way is another
item.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.checked import text
from domain.errors import Conflict
from domain.fees.checking import NAME_LENGTH
from domain.fees.model import FeeItem
from domain.history import audit
from domain.history.actor import Actor


class FeeItemExists(Conflict):
    """The community has another item of this name."""

    code = "fee_item_exists"


class FeeItemChanged(Conflict):
    """Somebody renamed the item since the form was opened."""

    code = "fee_item_changed"


def rename(
    session: Session, item: FeeItem, name: str, *, opened: str, by: Actor, at: datetime
) -> FeeItem:
    """Call it something else, on bills that were issued too; `opened`: the name the person saw."""
    locks.hold(session, f"fee_item:{item.community_id}")
    session.refresh(item, with_for_update=True)
    said = text(name, "费用名称", most=NAME_LENGTH)
    if said == item.name:
        return item
    if opened != item.name:
        raise FeeItemChanged("有人刚刚改过这项费用的名称，请核对后再改")
    same = (FeeItem.community_id == item.community_id, FeeItem.name == said)
    if session.scalar(select(FeeItem.id).where(*same)) is not None:
        raise FeeItemExists(f"这个小区已经有叫「{said}」的费用，请换一个名称")
    item.name = said
    session.flush()
    audit.record(
        session, "fee.rename", subject="fee_item", subject_id=item.id, by=by, at=at, code=item.code
    )
    return item


def switch(session: Session, item: FeeItem, *, active: bool, by: Actor, at: datetime) -> FeeItem:
    """停用 or 启用, from the next run on; again, it stays as it is."""
    session.refresh(item, with_for_update=True)
    if item.active != active:
        item.active = active
        session.flush()
        audit.record(
            session, "fee.start" if active else "fee.stop", subject="fee_item",
            subject_id=item.id, by=by, at=at, code=item.code,
        )  # fmt: skip
    return item
