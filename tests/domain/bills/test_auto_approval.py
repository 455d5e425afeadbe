"""Approval without a person: what the limits let through."""

from decimal import Decimal

import pytest

from domain.bills import auto_approval
from domain.bills.model import BillRun


def run(office, total_fen, *, last_fen=None, anomalies=0):
    last = None if last_fen is None else {"total_fen": last_fen}
    summary = {"total_fen": total_fen, "last": last, "anomalies": anomalies}
    return BillRun(community_id=office.community.id, summary=summary)


def limit(office, total_fen, change=None):
    auto_approval.set_limits(
        office.session, office.community, total_fen=total_fen,
        change=change and Decimal(change), by=office.by, at=office.at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "figures", "fits"),
    [
        ((None, None), {"total_fen": 0}, False),
        ((1_000, None), {"total_fen": 1_000}, True),
        ((1_000, None), {"total_fen": 1_001}, False),
        ((1_000, None), {"total_fen": 1_000, "anomalies": 1}, False),
        ((1_000, "0.1"), {"total_fen": 1_000}, False),
        ((1_000, "0.1"), {"total_fen": 900, "last_fen": 1_000}, True),
        ((1_000, "0.1"), {"total_fen": 899, "last_fen": 1_000}, False),
        ((2_000, "0.1"), {"total_fen": 1_101, "last_fen": 1_000}, False),
    ],
)
def test_limits(office, limits, figures, fits):
    limit(office, *limits)
    assert auto_approval.fits(office.session, run(office, **figures)) is fits
