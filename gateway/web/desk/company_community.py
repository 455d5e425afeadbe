"""The settings of one community: who signs, when bills are due, what is approved by itself."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain.company import editing
from domain.company.editing import CommunityFacts
from domain.company.model import Community, Company
from domain.errors import BackOfficeError
from domain.rooms import buildings
from gateway.web.amounts import parse_fen
from gateway.web.attempts import attempt, status
from gateway.web.desk.beginning import first_import
from gateway.web.fields import CommunityId, FormKey, Typed, one_line
from gateway.web.numbers import optional_percent, percent, whole
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/company/communities/{community_id}")


@dataclass(frozen=True)
class CommunityTyped:
    """The form of a community, as it was typed."""

    name: str = ""
    address: str = ""
    phone: str = ""
    sender_name: str = ""
    bill_due_days: str = "30"
    auto_total: str = ""
    auto_change: str = ""

    def facts(self) -> CommunityFacts:
        """Read, or a refusal that names the field."""
        return CommunityFacts(
            name=one_line(self.name),
            address=one_line(self.address),
            phone=one_line(self.phone),
            sender_name=one_line(self.sender_name),
            bill_due_days=whole(self.bill_due_days, "账单到期天数", most=366),
            auto_approve_total_fen=parse_fen(self.auto_total) if self.auto_total.strip() else None,
            auto_approve_change=optional_percent(self.auto_change, "与上期相差的比例"),
        )

    @classmethod
    def of(cls, row: Community) -> "CommunityTyped":
        """The stored settings as a form shows them."""
        fen = row.auto_approve_total_fen
        return cls(
            row.name, row.address or "", row.phone or "", row.sender_name or "",
            str(row.bill_due_days),
            "" if fen is None else f"{fen // 100}.{fen % 100:02d}",
            percent(row.auto_approve_change),
        )  # fmt: skip


def typed(
    name: Typed = "",
    address: Typed = "",
    phone: Typed = "",
    sender_name: Typed = "",
    bill_due_days: Typed = "30",
    auto_total: Typed = "",
    auto_change: Typed = "",
) -> CommunityTyped:
    """The fields of the form."""
    return CommunityTyped(name, address, phone, sender_name, bill_due_days, auto_total, auto_change)


FormCommunity = Annotated[CommunityTyped, Depends(typed)]


@router.get("")
def community(request: Request, community_id: CommunityId) -> Response:
    """The settings in a form."""
    with at_desk(request) as desk:
        row = _mine(desk, community_id)
        return _show(request, desk, row, CommunityTyped.of(row), editing.seen(row))


@router.post("")
def edit(
    request: Request,
    community_id: CommunityId,
    entered: FormCommunity,
    opened: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Save them; bills that were issued keep their due day."""
    with at_desk(request, form_key=form_key) as desk:
        row = _mine(desk, community_id)
        saved = attempt(
            desk,
            lambda: editing.edit_community(
                desk.session, row, entered.facts(),
                opened=opened, by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            if isinstance(saved, editing.CompanyChanged):
                opened = editing.seen(row)
            return _show(request, desk, row, entered, opened, refusal=saved)
    return RedirectResponse("/desk/company/communities?done=edited", 303)


def _mine(desk: Desk, community_id: int) -> Community:
    row = editing.community(desk.session, community_id)
    desk.may("company.edit", community_id=row.id)
    return row


def _import_at(desk: Desk, row: Community) -> str:
    """The next step while nothing stands in the community yet."""
    return first_import(desk, row.id) if buildings.none_yet(desk.session, row.id) else ""


def _show(
    request: Request,
    desk: Desk,
    row: Community,
    entered: CommunityTyped,
    opened: str,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    owner = desk.session.get_one(Company, row.company_id)
    return page(
        request, "desk/company_community.html", status=status(refusal), desk=desk, here="company",
        community=row, company=owner, import_at=_import_at(desk, row), entered=entered, opened=opened,
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
