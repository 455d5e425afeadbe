"""企业设置: the company's name and logo, and the way to the settings of every community."""

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from domain.company import editing, listing, logo
from domain.company.editing import CompanyFacts
from domain.company.model import Company
from domain.errors import BackOfficeError, Invalid
from gateway.web.attempts import attempt, status
from gateway.web.fields import FormKey, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/company")

DONE = {
    "company": "已保存。新的名称和署名从下一条消息、下一张收据开始用。",
    "logo": "标志已经换好，业主的账单页和收据上会显示它。",
    "no_logo": "标志已经去掉。",
}


@dataclass(frozen=True)
class CompanyTyped:
    """The form, as it was typed."""

    name: str
    phone: str = ""
    address: str = ""
    sender_name: str = ""

    def facts(self) -> CompanyFacts:
        """Read."""
        return CompanyFacts(**{key: one_line(value) for key, value in asdict(self).items()})


def typed(
    name: Typed = "", phone: Typed = "", address: Typed = "", sender_name: Typed = ""
) -> CompanyTyped:
    """The fields of the form."""
    return CompanyTyped(name, phone, address, sender_name)


FormCompany = Annotated[CompanyTyped, Depends(typed)]


@router.get("")
def company(request: Request, done: str = "") -> Response:
    """The company, and the communities this colleague may set up."""
    with at_desk(request) as desk:
        return _show(request, desk, done=DONE.get(done, ""))


@router.post("")
def edit(
    request: Request, entered: FormCompany, opened: Typed = "", form_key: FormKey = ""
) -> Response:
    """Save the company's name and how to reach it."""
    with at_desk(request, form_key=form_key) as desk:
        by = desk.may("company.edit")
        saved = attempt(
            desk,
            lambda: editing.edit_company(
                desk.session, entered.facts(), opened=opened, by=by, at=desk.at
            ),
        )
        if isinstance(saved, BackOfficeError):
            return _show(request, desk, entered=entered, opened=opened, refusal=saved)
    return RedirectResponse("/desk/company?done=company", 303)


@router.get("/logo")
def show_logo(request: Request) -> Response:
    """The logo, for colleagues."""
    with at_desk(request) as desk:
        return picture(logo.find(desk.session))


@router.post("/logo")
def put_logo(
    request: Request,
    file: Annotated[UploadFile | None, File()] = None,
    form_key: FormKey = "",
) -> Response:
    """Take a new logo; only as much is read as one may have."""
    with at_desk(request, form_key=form_key) as desk:
        by = desk.may("company.edit")
        saved = attempt(desk, lambda: logo.put(desk.session, _read(file), by=by, at=desk.at))
        if isinstance(saved, BackOfficeError):
            return _show(request, desk, refusal=saved)
    return RedirectResponse("/desk/company?done=logo", 303)


@router.post("/logo/remove")
def remove_logo(request: Request, form_key: FormKey = "") -> Response:
    """Show none."""
    with at_desk(request, form_key=form_key) as desk:
        logo.remove(desk.session, by=desk.may("company.edit"), at=desk.at)
    return RedirectResponse("/desk/company?done=no_logo", 303)


def picture(found: logo.Logo | None) -> Response:
    """The picture as its own type, which the edge forbids browsers to guess at; or nothing."""
    if found is None:
        return Response(status_code=204)
    return Response(found.data, media_type=found.type)


def _read(file: UploadFile | None) -> bytes:
    if file is None or not file.filename:
        raise Invalid("请先选一张图片")
    return file.file.read(logo.MOST_BYTES + 1)


def _show(
    request: Request,
    desk: Desk,
    *,
    entered: CompanyTyped | None = None,
    opened: str = "",
    done: str = "",
    refusal: BackOfficeError | None = None,
) -> Response:
    desk.access.require_somewhere("company.edit")
    row = editing.the_company(desk.session)
    stale = isinstance(refusal, editing.CompanyChanged) or not opened
    return page(
        request, "desk/company.html", status=status(refusal), desk=desk, here="company",
        entered=entered or _stored(row), opened=editing.seen(row) if stale else opened,
        whole=desk.access.may("company.edit"), has_logo=row.logo_type is not None, company=row,
        communities=listing.count(desk.session, desk.access),
        done=done, refusal=refusal.message if refusal else "",
    )  # fmt: skip


def _stored(row: Company) -> CompanyTyped:
    return CompanyTyped(row.name, row.phone or "", row.address or "", row.sender_name or "")
