"""Puts the sandbox together."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles

from gateway.sandbox import contacts, control, mass, media, messages, pages, panel, results, tokens
from gateway.sandbox.apps import buttons, menus, passive, updates
from gateway.sandbox.apps import control as apps_control
from gateway.sandbox.box import Box
from gateway.sandbox.callbacks import control as callbacks_control
from gateway.sandbox.calls import Recorder
from gateway.sandbox.company import api as company_api
from gateway.sandbox.company import control as company_control
from gateway.sandbox.desk import callbacks as desk_callbacks
from gateway.sandbox.desk import contacts as desk_contacts
from gateway.sandbox.faults import Gate
from gateway.sandbox.login import api as login_api
from gateway.sandbox.login import pages as login_pages
from gateway.sandbox.replies import WeComError, refusal

HERE = Path(__file__).parent
PARTS = (
    tokens, messages, media, mass, results, contacts, company_api, company_control, login_api,
    updates, menus, apps_control, buttons, callbacks_control, control, pages, panel, login_pages,
    desk_contacts, desk_callbacks,
)  # fmt: skip


def create_app(state: Path, corp_id: str | None = None) -> FastAPI:
    """The application over the state folder; `corp_id` may also come with the seed."""
    box = Box.open(state)
    if corp_id:
        box.store.remember("corp_id", corp_id)
    app = FastAPI(title="企业微信沙盒", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.box = box
    box.courier.on_reply = partial(passive.act, box)
    for part in PARTS:
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(WeComError, refusal)
    app.add_exception_handler(RequestValidationError, control.not_understood)
    for kind in control.REFUSALS:
        app.add_exception_handler(kind, pages.not_done)
    app.add_middleware(Gate, script=box.script)
    app.add_middleware(Recorder, log=box.calls)
    return app
