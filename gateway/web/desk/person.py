"""One person on one page: rooms, household, bills, payments, prepayment, letters."""

from typing import Any

from fastapi import APIRouter, Request, Response

from domain import clock
from domain.access import who_sees
from domain.access.sessions import NotSignedIn
from domain.bills import reading
from domain.errors import BackOfficeError, Invalid
from domain.payments.model import PrepaymentCause
from domain.people import history, revealing
from domain.people import page as people
from domain.people.model import Person
from domain.staff.model import FIELD_ACCESS_NAMES, PERSONAL_FIELD_NAMES, PersonalField
from gateway.web.errors import FormStale, face
from gateway.web.fields import FormKey, PersonId, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.vault import vault_of
from statemachines.letter import LETTER

router = APIRouter(prefix="/desk/people/{person_id}")

SHOWN = 24
LOOKS = 10
CAUSE_NAMES = {
    PrepaymentCause.OVERPAID: "多缴存入",
    PrepaymentCause.BILL_PAID: "抵扣账单",
    PrepaymentCause.BILL_REVERSED: "红冲退回",
    PrepaymentCause.REFUNDED: "退款",
}
DONE = {
    "created": "已登记。下一步：把房屋登记给这个人。",
    "edited": "资料已保存。",
    "moved": "入住已登记。需要由这个人缴费的话，点这套房屋的“变更”。",
    "ended": "搬离日期已登记。",
    "unpaid": "搬离日期已登记。从那天起这套房屋没有缴费人，出账时会提示；请登记新的缴费人。",
    "removed": "这条登记已删除。",
    "payer": "缴费人已改。已经出的账单不变，新账单按天算给各自的缴费人。",
}


@router.get("")
def show(request: Request, person_id: PersonId, done: str = "") -> Response:
    """Everything about a person that this colleague may see."""
    with at_desk(request) as desk:
        facts = gathered(desk, person_id)
    return page(request, "desk/person.html", desk=desk, **facts | {"done": DONE.get(done, "")})


@router.post("/reveal")
def reveal(
    request: Request,
    person_id: PersonId,
    field: Typed = "",
    reason: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """A whole phone or ID number, shown on this answer only."""
    typed = one_line(reason)
    try:
        with at_desk(request, form_key=form_key) as desk:
            wanted = _field(field)
            value = revealing.reveal(
                desk.session, desk.access, vault_of(desk.config), person_id, wanted,
                reason=typed, at=desk.at,
            )  # fmt: skip
            facts = gathered(desk, person_id)
    except BackOfficeError as refusal:
        return _refused(request, person_id, refusal, reason=typed, form_key=form_key)
    return page(request, "desk/person.html", desk=desk, **facts | {"revealed": {wanted: value}})


@router.get("/viewers")
def viewers(request: Request, person_id: PersonId) -> Response:
    """Who can see this person, and why; who has looked at a whole number."""
    with at_desk(request) as desk:
        person = people.reach(desk.session, desk.access, "people.see", person_id)
        people.reach(desk.session, desk.access, "staff.see", person_id)
        found = who_sees.viewers(desk.session, person)
        looks = revealing.looks(desk.session, person_id, limit=SHOWN)
    return page(
        request, "desk/person_viewers.html", desk=desk, here="people", person=person,
        viewers=found, looks=looks, levels=FIELD_ACCESS_NAMES, fields=PERSONAL_FIELD_NAMES,
    )  # fmt: skip


def gathered(desk: Desk, person_id: int) -> dict[str, Any]:
    """What the page shows; amounts only where the colleague may see them."""
    session, access, on = desk.session, desk.access, clock.local_day(desk.at)
    person, community = people.at_home(session, access, "people.see", person_id)
    stays = people.stays(session, access, person.id)
    now = [stay for stay in stays if stay.holds(on)]
    return {
        "here": "people",
        "person": person,
        "community": community,
        "fields": people.shown(access, person, {stay.building_id for stay in stays}),
        "may": _may(desk, person),
        "now": now,
        "then": [stay for stay in stays if not stay.holds(on)],
        "household": people.household(
            session, [stay.room_id for stay in now], but=person.id, on=on
        ),
        "channels": people.reached(session, person.id),
        "consents": people.consents(session, person.id),
        "letters": history.letters(session, person.id, limit=SHOWN),
        "looks": revealing.looks(session, person.id, limit=LOOKS),
        "revealed": {},
        "reason": "",
        "refusal": "",
        "done": "",
        "field_names": PERSONAL_FIELD_NAMES,
        "letter_states": LETTER.status_names,
        "cause_names": CAUSE_NAMES,
        **_money(desk, person),
    }


def _may(desk: Desk, person: Person) -> dict[str, bool]:
    """What this colleague may do from here."""
    here, access = {"community_id": person.community_id}, desk.access
    return {
        "edit": people.reaches(desk.session, access, "people.edit", person),
        "viewers": people.reaches(desk.session, access, "staff.see", person),
        "bills": access.may("bills.see", **here),
        "payments": access.may("payments.see", **here),
        "take": access.may("payments.take", **here),
    }


def _money(desk: Desk, person: Person) -> dict[str, Any]:
    session, here = desk.session, {"community_id": person.community_id}
    found: dict[str, Any] = {"owing": [], "settled": [], "balance_fen": 0, "moves": [], "paid": []}
    if desk.access.may("bills.see", **here):
        owing, settled = reading.owing_and_settled(session, person.id, settled=SHOWN)
        balance_fen, moves = history.prepayment(session, person.id, limit=SHOWN)
        found |= {"owing": owing, "settled": settled, "balance_fen": balance_fen, "moves": moves}
    if desk.access.may("payments.see", **here):
        found["paid"] = history.payments(session, person.id, limit=SHOWN)
    return found


def _field(typed: str) -> PersonalField:
    if typed not in list(PersonalField):
        raise Invalid("请选择要看电话还是身份证号")
    return PersonalField(typed)


def _refused(
    request: Request, person_id: int, refusal: BackOfficeError, *, reason: str, form_key: str
) -> Response:
    """The page again, with the refusal above and the reason still there."""
    if isinstance(refusal, NotSignedIn | FormStale):
        raise refusal
    with at_desk(request, form_key=form_key) as desk:
        facts = gathered(desk, person_id) | {"refusal": refusal.message, "reason": reason}
    return page(request, "desk/person.html", status=face(refusal).status, desk=desk, **facts)
