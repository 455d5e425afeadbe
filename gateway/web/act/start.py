"""The pages of a link that starts something: what it does, its form, its consequence, the start."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.access import starts
from domain.errors import BackOfficeError, Invalid, NotFound
from gateway.action_links import StartAction, read_action_token
from gateway.flow_server import FlowsRefused, FlowsUnreachable
from gateway.web.act import schema, starting
from gateway.web.act.catalogue import startable
from gateway.web.act.starting import Form, Intent
from gateway.web.errors import face
from gateway.web.fields import FormKey
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk, settings_of

router = APIRouter(prefix="/act")

MOST_FIELDS = 60


async def typed_fields(request: Request) -> dict[str, str]:
    """What was typed into the form of a deployment, by the keys of its fields."""
    form = await request.form(max_fields=MOST_FIELDS, max_files=0)
    return {
        name.removeprefix(schema.PREFIX): value
        for name, value in form.items()
        if name.startswith(schema.PREFIX) and isinstance(value, str)
    }


Typed = Annotated[dict[str, str], Depends(typed_fields)]


def show(request: Request, token: str, action: StartAction) -> Response:
    """The link opened: its form; once it was used, the run it started."""
    with at_desk(request) as desk:
        entry = starting.admit(desk, action)
        row = starts.by_key(desk.session, starting.key_of(action))
        if row is not None:
            entry.permit(desk, row.community_id)
            return RedirectResponse(f"/act/runs/{row.id}", 303)
        if entry.page:
            return RedirectResponse(entry.page, 303)
        choices = entry.choices(desk)
    try:
        form = starting.form_of(starting.flow_server(request), action, entry, None)
    except FlowsUnreachable as refusal:
        return _away(request, desk, token, action, {}, refusal)
    return _form(request, desk, token, form, choices)


@router.post("/{token}/check")
def check(
    request: Request, token: str, typed: Typed, change: str = "", form_key: FormKey = ""
) -> Response:
    """What would happen, in numbers; nothing has happened yet. `change`: back to the form."""
    return _step(request, token, typed, form_key, final=False, change=bool(change))


@router.post("/{token}/start")
def start(request: Request, token: str, typed: Typed, form_key: FormKey = "") -> Response:
    """Start it; from the second click on, the run that was started."""
    return _step(request, token, typed, form_key, final=True)


def _step(
    request: Request,
    token: str,
    typed: Mapping[str, str],
    form_key: str,
    *,
    final: bool,
    change: bool = False,
) -> Response:
    action = read_action_token(settings_of(request), token, at=clock.now())
    if not isinstance(action, StartAction):
        raise NotFound("没有这个页面")
    with at_desk(request, form_key=form_key) as desk:
        entry = starting.admit(desk, action)
        choices = entry.choices(desk)
    try:
        form = starting.form_of(starting.flow_server(request), action, entry, typed)
    except FlowsUnreachable as refusal:
        return _away(request, desk, token, action, typed, refusal)
    if change:
        return _form(request, desk, token, form, choices)
    read = schema.answers(form.fields, form.typed)
    if read.errors:
        wrong = Form(action, entry, form.fields, form.typed, read.errors)
        return _form(request, desk, token, wrong, choices, Invalid("有几项要改一下"))
    try:
        with at_desk(request, form_key=form_key) as acting:
            intent = starting.intend(acting, form, read.parameters)
            if not final and entry.weighty:
                return _confirm(request, acting, token, form, intent)
            row = starting.note(acting, form, intent, request_id=request.state.request_id)
    except Invalid as refusal:
        return _form(request, desk, token, form, choices, refusal)
    try:
        starting.hand_over(request, row)
    except (FlowsUnreachable, FlowsRefused):
        return RedirectResponse(f"/act/runs/{row.id}?late=1", 303)
    return RedirectResponse(f"/act/runs/{row.id}", 303)


def _form(
    request: Request,
    desk: Desk,
    token: str,
    form: Form,
    choices: Mapping[str, object],
    refusal: BackOfficeError | None = None,
) -> Response:
    return page(
        request, "act/start.html", status=face(refusal).status if refusal else 200, desk=desk,
        token=token, form=form, choices=choices, refusal=refusal.message if refusal else "",
    )  # fmt: skip


def _confirm(request: Request, desk: Desk, token: str, form: Form, intent: Intent) -> Response:
    return page(
        request, "act/confirm.html", desk=desk, token=token, form=form, weighing=intent.weighing,
        typed={**form.typed, **schema.flat(intent.parameters)},
    )  # fmt: skip


def _away(
    request: Request,
    desk: Desk,
    token: str,
    action: StartAction,
    typed: Mapping[str, str],
    refusal: BackOfficeError,
) -> Response:
    """Prefect does not answer: nothing has started, and what was typed waits on this page."""
    return page(
        request, "act/away.html", status=face(refusal).status, desk=desk, token=token,
        typed=typed, entry=startable(action.deployment), refusal=refusal.message,
    )  # fmt: skip
