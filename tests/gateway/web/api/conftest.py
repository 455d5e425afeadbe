"""A program at the API: a token, and what it sends."""

import pytest
from sqlalchemy import select

from domain import clock
from domain.access import tokens
from domain.access.permissions import PERMISSIONS
from domain.history.actor import Actor
from domain.session import transaction
from domain.staff.model import Staff
from tests.support.asgi import Client


def token_of(engine, staff, scopes=None, *, days=30) -> str:
    """A token of a colleague for some of what they may do, or all of it."""
    with transaction(engine) as session:
        person = session.get_one(Staff, staff.id)
        held = tokens.accesses.of(session, person).held
        wanted = [one for one in PERMISSIONS if one in held] if scopes is None else scopes
        secret, _ = tokens.issue(
            session, person, name="测试程序", scopes=wanted, days=days,
            by=Actor.staff(person.id, person.name), at=clock.now(),
        )  # fmt: skip
        return secret


class Program:
    """One program: sends JSON with its token, keeps no cookies."""

    def __init__(self, app, token: str | None) -> None:
        self.http = Client(app)
        self.token = token

    def ask(self, method: str, path: str, **extra):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= extra.pop("headers", {})
        return self.http.request(method, f"/api/v1{path}", headers=headers, **extra)

    def get(self, path: str, **extra):
        return self.ask("GET", path, **extra)

    def post(self, path: str, sent=None, **extra):
        return self.ask("POST", path, json=sent, **extra)

    def pay(self, key: str, **sent):
        return self.post("/payments", sent, headers={"Idempotency-Key": key})


@pytest.fixture
def program(app, engine):
    """Makes a program that acts for a colleague."""
    return lambda staff, *scopes: Program(app, token_of(engine, staff, list(scopes) or None))


@pytest.fixture
def boss(app, engine, room):
    """A program of the manager of the room's community, who may do everything there."""
    with transaction(engine) as session:
        manager = session.scalars(select(Staff).where(Staff.login == "manager")).one()
    return Program(app, token_of(engine, manager))


def refused(answer, status: int, code: str) -> dict:
    """The answer is a problem of this kind; what it says."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["code"]) == (status, code)
    assert said["type"] == f"urn:wuye:problem:{code}"
    assert said["title"]
    assert said["detail"]
    assert said["request_id"] == answer.headers["x-request-id"]
    return said
