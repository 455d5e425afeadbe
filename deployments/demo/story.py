"""The main job from end to end, on a running stack: import, bill run, approval, letters, payment.

Telling it again on the same data changes nothing but takes one more payment.
"""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from deployments import billing, cashier
from deployments.demo import community as place
from deployments.demo import letters, phones, workbooks
from deployments.demo.summary import Step, Summary
from deployments.office import OpenOffice
from domain import clock
from domain.bills.model import Decision
from domain.bills.queries import oldest_owing
from domain.history.actor import Actor
from domain.imports.model import ImportKind
from domain.imports.report import ImportReport
from domain.ledger.proof import prove
from domain.money import yuan
from domain.payments.model import PaymentMethod
from domain.session import connect, snapshot, transaction
from domain.vault import Vault
from flows import importing
from gateway import runs
from gateway.settings import Settings

LOOK_SECONDS = 0.3
LONGEST_SECONDS = 120.0
OPERATOR = Actor.operator("demo")


def run(settings: Settings, *, sandbox_url: str | None, say: Callable[[str], None]) -> Summary:
    """Tell the story; each step says what it did and whether that was all of it."""
    assert settings.database_url is not None, "a stack names its database"
    assert settings.data_keys is not None, "a stack has its keys"
    engine = connect(settings.database_url)
    vault = Vault.from_setting(settings.data_keys.get_secret_value())
    try:
        return Story(OpenOffice(engine, settings, vault), sandbox_url, say).tell()
    finally:
        engine.dispose()


class Story:
    """One telling."""

    def __init__(
        self, office: OpenOffice, sandbox_url: str | None, say: Callable[[str], None]
    ) -> None:
        self.office, self.sandbox_url, self.say = office, sandbox_url, say
        self.engine: Engine = office.engine
        self.month = clock.today().replace(day=1)
        self.summary = Summary()

    def tell(self) -> Summary:
        """All steps in order; the first that falls short ends the story."""
        with transaction(self.engine) as session:
            self.community_id = place.prepare(session).id
        steps: list[tuple[str, Callable[[], tuple[str, bool, dict[str, Any]]]]] = [
            ("import", self.import_owners),
            ("readings", self.import_readings),
            ("drafts", self.draft_bills),
            ("approval", self.approve),
            ("letters", self.deliver),
            ("payment", self.pay_one),
            ("ledger", self.check_ledger),
        ]
        for name, act in steps:
            started = time.monotonic()
            sentence, done, facts = act()
            took = time.monotonic() - started
            self.summary.steps.append(Step(name, sentence, done, took, facts))
            self.say(sentence)
            if not done:
                break
        return self.summary

    def import_owners(self) -> tuple[str, bool, dict[str, Any]]:
        """The workbook is checked here, as an upload would be, and applied by the flow."""
        book = workbooks.owners()
        checked = self._check(ImportKind.OWNERS, book)
        batch = checked.batch
        assert batch is not None, "a check keeps the workbook"
        runs.start(
            "owner-import/on-demand",
            {"form": {"batch": batch, "action": "apply"}},
            key=f"import batch {batch}",
        )
        done = self._until(lambda: self._is_applied(batch))
        owners = 0
        if self.sandbox_url:
            owners = phones.hand_out(
                self.engine, self.sandbox_url, self.community_id, at=clock.now()
            )
        facts = {**checked.as_json(), "dry_run": False, "phones": owners}
        sentence = (
            f"导入业主：{checked.accepted} 户通过，{len(checked.refused)} 处有误，"
            f"新增 {checked.new}，无变化 {checked.unchanged}"
        )
        return sentence, done and not checked.refused, facts

    def import_readings(self) -> tuple[str, bool, dict[str, Any]]:
        """Readings and parking spaces, two smaller workbooks."""
        read = self._check_and_apply(ImportKind.READINGS, workbooks.readings(self.month))
        spaces = self._check_and_apply(ImportKind.CHARGES, workbooks.parking(self.month))
        sentence = f"导入水表读数 {read.accepted} 条、车位收费 {spaces.accepted} 条"
        done = not read.refused and not spaces.refused
        return sentence, done, {"readings": read.accepted, "charges": spaces.accepted}

    def draft_bills(self) -> tuple[str, bool, dict[str, Any]]:
        """The flow computes the month and suspends until somebody decides."""
        drafts = billing.run(self.office, community=place.COMMUNITY, month=f"{self.month:%Y-%m}")
        what = f"计算 {drafts.month} 账单"
        if drafts.status == "issued":
            what = f"{drafts.month} 账单以前已经出过"
        sentence = (
            f"{what}：{drafts.bills} 张、{drafts.lines} 行，"
            f"合计 {yuan(drafts.total_fen)}，需要留意 {drafts.anomalies} 处"
        )
        return sentence, drafts.bills > 0, drafts.as_json()

    def approve(self) -> tuple[str, bool, dict[str, Any]]:
        """The manager is asked in WeCom, approves, and the suspended run goes on."""
        month = f"{self.month:%Y-%m}"
        asked = self._until(self._manager_was_asked)
        billing.decide(
            self.office, place.COMMUNITY, month, Decision.APPROVE,
            login=place.MANAGER, carry_on=billing.by_worker,
        )  # fmt: skip
        issued = billing.run(self.office, community=place.COMMUNITY, month=month)
        sentence = f"周经理已批准，出账 {issued.bills} 张，给 {issued.letters} 位缴费人准备了消息"
        return sentence, asked and issued.status == "issued", issued.as_json()

    def deliver(self) -> tuple[str, bool, dict[str, Any]]:
        """Delivery hands the letters to the colleague's WeCom; he presses send; they arrive."""
        if self.sandbox_url is None:
            return "已接入真实企业微信：消息等同事在手机上点发送", True, {}
        url = self.sandbox_url
        handed = self._until(lambda: not letters.waiting(self.engine))
        pressed = phones.press_send(url)
        sent = self._until(lambda: not letters.unsent(self.engine))
        tally = letters.tally(self.engine)
        first = letters.first_phone(self.engine)
        told = phones.messages(url, first) if first else []
        phone = f"{url}/phone/{first}"
        clicked = "林管家点了发送，" if pressed["tasks"] else "没有新账单要发，"
        sentence = f"{clicked}{tally.sent} 位业主收到账单（第一部手机：{phone}）"
        if tally.failed:
            sentence += f"，{tally.failed} 条没有送达，原因见 .venv/bin/wuye letters list --failed"
        facts = {
            **tally.as_json(), "pressed": pressed["tasks"], "phone": first, "phone_url": phone
        }  # fmt: skip
        return sentence, handed and sent and bool(told) and not tally.failed, facts

    def pay_one(self) -> tuple[str, bool, dict[str, Any]]:
        """The cashier takes the oldest open bill in full."""
        with transaction(self.engine) as session:
            bill = oldest_owing(session, self.community_id)
        if bill is None:
            return "没有未缴的账单了", True, {}
        receipt = cashier.take(
            self.office, [bill.no], bill.total_fen - bill.paid_fen,
            login=place.CASHIER, method=PaymentMethod.CASH, key=f"demo {bill.no}",
        )  # fmt: skip
        sentence = (
            f"钱会计收了一笔现金 {yuan(receipt['amount_fen'])}，"
            f"账单 {bill.no} 已缴清，收据 {receipt['receipt_no']}"
        )
        return sentence, receipt["bills"][0]["status"] == "paid", {"payment": receipt}

    def check_ledger(self) -> tuple[str, bool, dict[str, Any]]:
        """Every fen is accounted for."""
        with snapshot(self.engine) as session:
            proof = prove(session)
        sentence = f"账目核对{'相符' if proof.ok else '不符'}，尚欠 {yuan(proof.owed_fen)}"
        return sentence, proof.ok, {"ledger": proof.as_json()}

    def _check(self, kind: ImportKind, book: workbooks.Workbook) -> ImportReport:
        return importing.check(
            self.engine, self.office.vault, community=place.COMMUNITY, kind=kind,
            file_name=book.name, data=book.data, by=OPERATOR, at=clock.now(),
        )  # fmt: skip

    def _check_and_apply(self, kind: ImportKind, book: workbooks.Workbook) -> ImportReport:
        return importing.check_and_apply(
            self.engine, self.office.vault, community=place.COMMUNITY, kind=kind,
            file_name=book.name, data=book.data, by=OPERATOR, at=clock.now(),
        )  # fmt: skip

    def _is_applied(self, batch: int) -> bool:
        return importing.status(self.engine, batch) == "applied"

    def _manager_was_asked(self) -> bool:
        if self.sandbox_url is None:
            return True
        return bool(phones.messages(self.sandbox_url, place.MANAGER))

    def _until(self, happened: Callable[[], bool]) -> bool:
        """Wait for something others do; False when it takes too long."""
        last = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < last:
            if happened():
                return True
            time.sleep(LOOK_SECONDS)
        return happened()
