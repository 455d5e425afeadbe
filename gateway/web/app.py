"""The ASGI application: `uvicorn gateway.web.app:create_app --factory`."""

import logging

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine

from domain.errors import Invalid
from domain.health.counts import Health
from domain.session import connect
from gateway import settings as configuration
from gateway.flow_server import FlowServer
from gateway.settings import Settings
from gateway.web import errors, health, metrics, wecom_callback
from gateway.web.act import decide as act_decide
from gateway.web.act import follow as act_follow
from gateway.web.act import opening as act_opening
from gateway.web.act import start as act_start
from gateway.web.api import app as api
from gateway.web.counting import Requests
from gateway.web.desk import (
    audit,
    company,
    company_communities,
    company_community,
    counter,
    credentials,
    enter,
    fee_costs,
    fee_editing,
    fee_price,
    fees,
    fees_new,
    fees_page,
    home,
    import_batch,
    imports,
    letters,
    me,
    meters,
    meters_fit,
    meters_page,
    meters_round,
    people,
    person,
    person_editing,
    person_living,
    receipts,
    role_removal,
    roles,
    roles_list,
    room_edit,
    rooms,
    rooms_page,
    rooms_places,
    run_bills,
    runs,
    staff,
    staff_editing,
    staff_page,
    take,
    tokens,
    wecom_mapping,
)
from gateway.web.desk import bills as desk_bills
from gateway.web.desk import payments as desk_payments
from gateway.web.edge import Edge
from gateway.web.form_limits import FormLimit
from gateway.web.h5 import bills as owner_bills
from gateway.web.h5 import logo as owner_logo
from gateway.web.h5 import me as owner_me
from gateway.web.h5 import work
from gateway.web.login import password as login_password
from gateway.web.login import start as login_start
from gateway.web.login import wecom as login_wecom
from gateway.web.logs import speak_up
from gateway.web.pages import STATIC
from gateway.web.patience import Look
from gateway.web.steady import steady

POOL = 10
PATIENCE_MS = 15_000
ROUTERS = (
    health,
    metrics,
    wecom_callback,
    owner_me,
    owner_bills,
    owner_logo,
    work,
    act_opening,
    act_start,
    act_decide,
    act_follow,
    login_start,
    login_wecom,
    login_password,
    enter,
    home,
    counter,
    take,
    receipts,
    desk_bills,
    desk_payments,
    runs,
    run_bills,
    letters,
    imports,
    import_batch,
    me,
    tokens,
    credentials,
    company_communities,  # before `company_community`, whose address would take `search` for a number
    company_community,
    company,
    rooms,
    room_edit,
    rooms_places,
    rooms_page,
    fees,
    fees_new,
    fee_price,
    fee_costs,
    fee_editing,
    fees_page,
    meters,
    meters_round,
    meters_fit,
    meters_page,
    people,
    person_editing,
    person_living,
    person,
    staff,
    wecom_mapping,  # before `staff_page`, whose address would take `wecom` for a number
    staff_editing,
    staff_page,
    roles,
    role_removal,
    roles_list,
    audit,
)


class DatabaseMissing(Invalid):
    """WUYE_DATABASE_URL is not set."""

    code = "database_url_missing"


def create_app(settings: Settings | None = None, *, engine: Engine | None = None) -> FastAPI:
    """The gateway's pages over the database of the settings (or over `engine`)."""
    config = settings or configuration.settings()
    app = FastAPI(
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=steady
    )
    app.state.settings = config
    app.state.flow_server = FlowServer.of_environment()
    app.state.engine = engine or _engine(config)
    app.state.callbacks = wecom_callback.callbacks(config, engine)
    app.state.readiness, app.state.figures = Look[bool](), Look[Health | None]()
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for part in ROUTERS:  # as they are: looking into an included router takes three times as long
        app.router.routes.extend(part.router.routes)
    app.mount(api.PATH, api.create_api(app.state))
    errors.install(app)
    app.state.requests = Requests()
    secure = config.base_url.startswith("https")
    app.add_middleware(FormLimit)
    app.add_middleware(Edge, secure=secure, requests=app.state.requests)
    speak_up()
    # Its lines would hold owners' tokens; Edge writes one line per request without them.
    logging.getLogger("uvicorn.access").disabled = True
    return app


def _engine(config: Settings) -> Engine:
    """A pool whose statements give up while the person is still looking at the screen."""
    if config.database_url is None:
        raise DatabaseMissing("没有设置数据库地址（WUYE_DATABASE_URL）")
    return connect(config.database_url, pool_size=POOL, statement_timeout_ms=PATIENCE_MS)
