"""Tokens: shown once, never beyond their colleague, over when they are over."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.access import tokens
from domain.access.model import ApiToken
from domain.access.tokens import MOST, ScopesInvalid, TokenInvalid, TokenNotFound, TokensExhausted
from domain.errors import Invalid, NotPermitted
from domain.history.model import AuditEntry
from domain.staff.model import Role
from tests.conftest import AT


@pytest.fixture
def li(office):
    return office.staff("li", "李收银", ["bills.see", "payments.take"])


def issue(office, person, *scopes, **changed):
    how = {"name": "收费机", "days": 30, "by": office.by, "at": office.at, **changed}
    return tokens.issue(office.session, person, scopes=scopes or ["bills.see"], **how)


def test_only_the_hash_is_kept_and_what_was_issued_is_on_record(office, li, session):
    secret, row = issue(office, li)
    assert secret.startswith("wuye_")
    assert len(secret) > 40
    stored = session.execute(select(ApiToken.__table__)).one()
    assert secret not in str(stored)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "api_token.issue")).one()
    assert entry.detail == {"token": row.id, "scopes": ["bills.see"], "days": 30}
    assert secret not in str(entry.detail)


def test_a_token_acts_for_its_colleague_within_its_scopes(office, li, session):
    secret, _ = issue(office, li)
    found = tokens.caller(session, secret, at=office.at)
    assert (found.staff.id, found.access.held) == (li.id, {"bills.see"})
    assert found.access.may("bills.see", community_id=office.community.id)
    assert not found.access.may("payments.take", community_id=office.community.id)


def test_what_the_colleague_loses_the_token_loses(office, li, session):
    secret, _ = issue(office, li, "bills.see", "payments.take")
    role = session.scalars(select(Role).where(Role.code == "role-li")).one()
    role.permissions = ["payments.take", "bills.run"]
    session.flush()
    assert tokens.caller(session, secret, at=office.at).access.held == {"payments.take"}


@pytest.mark.parametrize(
    ("scopes", "refusal"),
    [
        (["bills.approve"], NotPermitted),
        (["bills.see", "payments.refund"], NotPermitted),
        (["everything"], ScopesInvalid),
        (["bills.see", ""], ScopesInvalid),
    ],
)
def test_no_token_goes_beyond_its_colleague(office, li, scopes, refusal):
    with pytest.raises(refusal):
        issue(office, li, *scopes)


def test_a_token_needs_a_scope(office, li):
    with pytest.raises(ScopesInvalid):
        tokens.issue(
            office.session, li, name="空", scopes=[], days=1, by=office.by, at=office.at
        )  # fmt: skip


@pytest.mark.parametrize("changed", [{"days": 0}, {"days": 366}, {"name": ""}, {"name": "长" * 61}])
def test_bad_terms_are_refused(office, li, changed):
    with pytest.raises(Invalid):
        issue(office, li, **changed)


def test_a_token_ends_on_its_day(office, li, session):
    secret, row = issue(office, li, days=1)
    assert tokens.caller(session, secret, at=row.ends_at - timedelta(seconds=1))
    with pytest.raises(TokenInvalid, match="过期"):
        tokens.caller(session, secret, at=row.ends_at)
    assert tokens.alive(session, li.id, at=row.ends_at) == []


def test_a_revoked_token_is_over_at_once_and_only_its_owner_revokes(office, li, session):
    secret, row = issue(office, li)
    with pytest.raises(TokenNotFound):
        tokens.revoke(session, office.manager.id, row.id, by=office.by, at=office.at)
    for _ in range(2):
        tokens.revoke(session, li.id, row.id, by=office.by, at=office.at)
    with pytest.raises(TokenInvalid, match="停用"):
        tokens.caller(session, secret, at=office.at)
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("api_token.revoke") == 1


def test_a_token_dies_with_its_colleague(office, li, session):
    secret, _ = issue(office, li)
    li.active = False
    session.flush()
    with pytest.raises(TokenInvalid, match="停用"):
        tokens.caller(session, secret, at=office.at)


@pytest.mark.parametrize("secret", ["", "wuye_", "wuye_" + "x" * 43, "\ufffd令牌"])
def test_what_is_no_token_is_refused(session, secret):
    with pytest.raises(TokenInvalid, match="没有这个令牌"):
        tokens.caller(session, secret, at=AT)


def test_use_is_noted_at_most_once_a_minute(office, li, session):
    secret, row = issue(office, li)
    times = [office.at + timedelta(seconds=s) for s in (0, 30, 59, 60, 90)]
    noted = []
    for at in times:
        tokens.caller(session, secret, at=at)
        session.refresh(row)
        noted.append(row.used_at)
    assert noted == [times[0]] * 3 + [times[3]] * 2


def test_there_are_only_so_many(office, li):
    for _ in range(MOST):
        issue(office, li)
    with pytest.raises(TokensExhausted):
        issue(office, li)
