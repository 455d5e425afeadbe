"""企业设置 and the settings of a community: checked, recorded, refused when somebody was faster."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.checked import optional_text, text
from domain.company.model import Community, Company
from domain.company.opening import community_name, ensure_company
from domain.company.queries import CommunityNotFound
from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor

SENDER_LENGTH = 20
SIGNS = "【】：:"
"""What would break the head of a message, 【署名】."""
MOST_FEN = 10**13
MOST_CHANGE = 100
DUE_DAYS = range(1, 367)


class CompanyChanged(Conflict):
    """Somebody changed these settings since the form was opened."""

    code = "settings_changed"


class CommunityExists(Conflict):
    """Another community has this name."""

    code = "community_exists"


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """What the company is called, and how owners reach it."""

    name: str
    phone: str = ""
    address: str = ""
    sender_name: str = ""

    def checked(self) -> dict[str, Any]:
        """The columns, or a refusal that names the field."""
        return {
            "name": text(self.name, "企业名称", most=60),
            "phone": optional_text(self.phone, "联系方式", most=40),
            "address": optional_text(self.address, "地址", most=120),
            "sender_name": sender(self.sender_name),
        }


@dataclass(frozen=True, slots=True)
class CommunityFacts:
    """What a community is called, who signs its messages, and when its bills are due."""

    name: str
    address: str = ""
    phone: str = ""
    sender_name: str = ""
    bill_due_days: int = 30
    auto_approve_total_fen: int | None = None
    auto_approve_change: Decimal | None = None

    def checked(self) -> dict[str, Any]:
        """The columns, or a refusal that names the field."""
        total, change = self.auto_approve_total_fen, self.auto_approve_change
        if self.bill_due_days not in DUE_DAYS:
            raise Invalid("账单到期天数应在 1 到 366 天之间")
        if total is None and change is not None:
            raise Invalid("请先给出自动通过的总额上限；没有上限就一律人工审批")
        if total is not None and not 0 <= total <= MOST_FEN:
            raise Invalid("自动通过的总额上限应在 0 到 1000 亿元之间")
        if change is not None and not 0 <= change <= MOST_CHANGE:
            raise Invalid("与上期相差的比例应在 0 到 10000% 之间")
        return {
            "name": community_name(self.name),
            "address": optional_text(self.address, "地址", most=120),
            "phone": optional_text(self.phone, "服务中心电话", most=40),
            "sender_name": sender(self.sender_name),
            "bill_due_days": self.bill_due_days,
            "auto_approve_total_fen": total,
            "auto_approve_change": change,
        }


def sender(typed: str) -> str | None:
    """消息署名: short, and without the brackets it will stand in."""
    return optional_text(typed, "消息署名", most=SENDER_LENGTH, without=SIGNS)


def the_company(session: Session) -> Company:
    """The company this installation is for, made on first use."""
    return session.get_one(Company, ensure_company(session))


def community(session: Session, community_id: int) -> Community:
    """The community, or CommunityNotFound."""
    found = session.get(Community, community_id)
    if found is None:
        raise CommunityNotFound("没有找到这个小区")
    return found


def seen(row: Company | Community) -> str:
    """What a form was opened on; an edit since then changes it."""
    facts = CompanyFacts if isinstance(row, Company) else CommunityFacts
    values = [getattr(row, name) for name in facts.__dataclass_fields__]
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def edit_company(
    session: Session, facts: CompanyFacts, *, opened: str, by: Actor, at: datetime
) -> Company:
    """Change the company; refused when somebody did since the form was opened."""
    row = the_company(session)
    _edit(session, row, facts.checked(), opened=opened, by=by, at=at)
    return row


def edit_community(
    session: Session, row: Community, facts: CommunityFacts, *, opened: str, by: Actor, at: datetime
) -> Community:
    """Change a community; bills that were issued keep their due day."""
    checked = facts.checked()
    locks.hold(session, "community names")
    taken = select(Community.id).where(Community.name == checked["name"], Community.id != row.id)
    if session.scalar(taken) is not None:
        raise CommunityExists(f"已经有叫「{checked['name']}」的小区了")
    _edit(session, row, checked, opened=opened, by=by, at=at)
    return row


def open_community(
    session: Session, facts: CommunityFacts, *, by: Actor, at: datetime
) -> Community:
    """A new community; a name that is taken is refused, so a double click opens one."""
    checked = facts.checked()
    locks.hold(session, "community names")
    if session.scalar(select(Community.id).where(Community.name == checked["name"])) is not None:
        raise CommunityExists(f"已经有叫「{checked['name']}」的小区了")
    row = Community(company_id=ensure_company(session), **checked)
    session.add(row)
    session.flush()
    session.refresh(row)
    audit.record(
        session, "community.open", subject="community", subject_id=row.id, by=by, at=at,
        fields=[name for name, value in asdict(facts).items() if value],
    )  # fmt: skip
    return row


def _edit(
    session: Session,
    row: Company | Community,
    checked: dict[str, Any],
    *,
    opened: str,
    by: Actor,
    at: datetime,
) -> None:
    session.refresh(row, with_for_update=True)
    if seen(row) != opened:
        raise CompanyChanged("有人刚刚改过这些设置，请核对最新的内容后再改")
    changed = [name for name, value in checked.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, checked[name])
    session.flush()
    if changed:
        what = row.__tablename__
        audit.record(
            session, f"{what}.edit", subject=what, subject_id=row.id, by=by, at=at, fields=changed
        )
