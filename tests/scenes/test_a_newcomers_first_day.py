"""README, followed word for word: `make demo`, a bill on a phone, money at the counter, Ctrl-C.

Then, on the same data, an operator's night: kill -9 of a part and of everything. One test: each
start of a stack costs seconds of two cores.
"""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from deployments.stack.home import Home
from domain import clock
from domain.fees.calc.periods import add_months
from tests.scenes import books, evening, flow_runs, night, privacy
from tests.scenes.books import yuan
from tests.scenes.browser import CHROMIUM, DESK, PHONE, SHOTS, Window, chromium
from tests.scenes.terminal import READY, Terminal

ROOMS = 456
ON_PHONES = "位业主收到账单"

pytestmark = [pytest.mark.stack, pytest.mark.timeout(700)]


@pytest.fixture
def terminal(tmp_path: Any) -> Iterator[Terminal]:
    someone = Terminal(Home.at(tmp_path / "home").make())
    yield someone
    someone.tidy()


@pytest.mark.browser
def test_a_newcomers_first_day(terminal: Terminal) -> None:
    the_first_start(terminal)
    months = 1
    if CHROMIUM.exists():
        the_day(terminal)
        months = 2

    before = books.counts(terminal.home)
    assert (before["rooms"], before["bills"]) == (ROOMS, months * ROOMS)
    assert before["told"] == before["payers"], "each payer was told"
    assert before["letters"] == months * before["payers"], "once a month"
    sender = flow_runs.keepers(terminal)
    assert terminal.ctrl_c() == [], "a process outlived Ctrl-C"
    assert "已全部停止" in terminal.words
    assert "Traceback" not in terminal.words
    night.is_stopped(terminal)

    night.serves_again(terminal, sender)
    sender = night.a_killed_sender_is_replaced(terminal)
    night.everything_is_killed(terminal)
    again = night.recovers_by_itself(terminal, sender)
    assert again["complete"] is True
    steps = {step["name"]: step for step in again["steps"]}
    assert (steps["import"]["new"], steps["import"]["unchanged"]) == (0, ROOMS)
    night.nothing_was_lost_or_doubled(terminal, before)
    if not CHROMIUM.exists():
        pytest.skip("all but what happens in a browser: install Debian's chromium")


def the_first_start(terminal: Terminal) -> None:
    """`make demo`, as a newcomer reads it."""
    terminal.make_demo()
    terminal.wait_for(ON_PHONES, within=240)
    assert terminal.seconds[ON_PHONES] < 240
    terminal.wait_for(READY, within=60)
    record(terminal)
    assert "需要留意 0 处" in terminal.words, "the first month of the demo is a clean one"
    assert "✗" not in terminal.words
    at = terminal.ports
    for address in (f"{at.gateway_url}/desk", at.prefect_url, at.sandbox_url):
        assert address in terminal.words


def the_day(terminal: Terminal) -> None:
    """Everybody at their screens; the books agree with what they saw, and nobody is named."""
    with chromium() as browser:
        owner, bill = reads_the_bill(terminal, Window(browser, PHONE))
        sees_the_approval_card(terminal, Window(browser, PHONE))
        takes_the_money(terminal, Window(browser, DESK), bill)
        sees_what_was_paid(owner, bill)
        looks_at_the_runs(terminal, Window(browser, DESK))
        the_manager_in_the_evening(terminal, browser)

    told = terminal.answer("bills", "explain", bill["no"])
    assert sum(line["amount_fen"] for line in told["lines"]) == bill["total_fen"]
    assert terminal.answer("check", "ledger")["ok"] is True

    privacy.everybody_elses_day(terminal)
    assert privacy.finds(terminal) == []


def test_a_taken_port_is_named_in_chinese(terminal: Terminal) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", terminal.ports.prefect))
        somebody.listen()
        done = terminal.wuye("demo", "--port", str(terminal.ports.gateway))
    assert done.returncode == 2
    assert f"端口 {terminal.ports.prefect} 已被别的程序占用" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert terminal.home.root.exists()
    assert not terminal.home.postgres.exists(), "nothing was started"


def record(terminal: Terminal) -> None:
    """Figures for people; a noisy machine may be slow without being wrong."""
    SHOTS.mkdir(exist_ok=True)
    figures = {
        "first_bill_on_a_phone_seconds": terminal.seconds[ON_PHONES],
        "everything_ready_seconds": terminal.seconds[READY],
        "steps": [line.strip() for line in terminal.said if " 秒  " in line],
    }
    print(figures)
    text = json.dumps(figures, ensure_ascii=False, indent=2)
    (SHOTS / "scene.json").write_text(text + "\n", encoding="utf-8")


def reads_the_bill(terminal: Terminal, phone: Window) -> tuple[Window, dict[str, Any]]:
    """From the sandbox's first page to the lines of one bill; the window and what is owed."""
    tab = phone.go(terminal.ports.sandbox_url)
    phone.shot("sandbox", whole=False)
    (bill,) = books.ask(terminal.home, books.BILL_OF_ALL_KINDS)
    tab.fill("#q", bill["room"])
    tab.keyboard.press("Enter")
    tab.locator("a.owner-row", has_text=f"{bill['room']} ").click()
    tab.wait_for_url(f"**/phone/{bill['phone']}")
    message = tab.locator(".bubble").last
    assert yuan(bill["total_fen"]) in message.inner_text()
    phone.shot("message")
    phone.follow(message.locator("a"))
    assert yuan(bill["total_fen"]) in phone.tab.inner_text(".hero")
    phone.shot("bills")
    phone.tab.locator("a.bill").first.click()
    lines = phone.tab.locator("ul.lines > li")
    lines.first.wait_for()
    shown = [
        (
            line.locator("h3").inner_text().split()[0],
            line.locator(".line-head .amount").inner_text(),
        )
        for line in lines.all()
    ]
    kept = books.ask(terminal.home, books.LINES_OF_A_BILL, bill["id"])
    assert len(kept) == 3, "area, parking and water"
    phone.tab.locator("main", has_text="第2阶梯").wait_for()
    assert sorted(shown) == sorted((line["title"], yuan(line["amount_fen"])) for line in kept)
    phone.shot("bill")
    return phone, bill


def sees_the_approval_card(terminal: Terminal, phone: Window) -> None:
    """What 周经理 was asked."""
    tab = phone.go(f"{terminal.ports.sandbox_url}/phone/jingli")
    asked = tab.locator(".app-card").first.inner_text()
    assert "待审批：翠湖花园" in asked
    assert f"账单\n{ROOMS} 张" in asked
    assert "已由周经理批准" in asked
    phone.shot("approval")


def takes_the_money(terminal: Terminal, desk: Window, bill: dict[str, Any]) -> None:
    """As 钱会计: a part of it first, then more than the rest."""
    link = terminal.answer("desk", "link", "--user", "shoufei")["url"]
    desk.go(link)
    desk.tab.click("text=进入工作台")
    desk.tab.wait_for_url("**/desk")
    desk.tab.click("nav >> text=收费台")
    desk.tab.fill("#q", bill["room"])
    desk.tab.keyboard.press("Enter")
    desk.tab.wait_for_url("**/rooms/*")
    assert desk.tab.inner_text("h1") == bill["room"]
    desk.shot("counter")
    rest = bill["total_fen"] - 100_00
    receipt = take(desk, "100")
    assert f"还欠 {yuan(rest)}" in receipt
    desk.shot("receipt-part")
    desk.tab.click("text=回到这一户")
    receipt = take(desk, f"{(rest + 50_00) / 100:.2f}")
    assert "多收的 ¥50.00 已转入" in receipt
    desk.shot("receipt-over")


def take(desk: Window, amount: str) -> str:
    """Type an amount, check, confirm; the receipt's page."""
    desk.tab.fill("#amount", amount)
    desk.tab.click("text=下一步")
    desk.tab.click("text=确认收款")
    desk.tab.wait_for_url("**/receipts/**")
    words: str = desk.tab.inner_text("main")
    return words


def sees_what_was_paid(owner: Window, bill: dict[str, Any]) -> None:
    """The owner's page, opened before the money came, after a reload."""
    owner.tab.reload()
    words = owner.tab.inner_text("main")
    assert yuan(bill["total_fen"] - 100_00) in words
    assert "已缴清" in words
    assert "您还有预存款 ¥50.00" in words
    owner.shot("bill-paid")


def the_manager_in_the_evening(terminal: Terminal, browser: Any) -> None:
    """周经理 starts next month's bills from WeCom and approves them; nobody else can."""
    box = f"{terminal.ports.sandbox_url}/_sandbox/limits"
    httpx.post(box, json={"mass_per_day": 9, "mass_per_month": 99}).raise_for_status()
    month = add_months(clock.today().replace(day=1), 1)
    phone = Window(browser, PHONE)
    evening.starts_next_month(terminal, phone, f"{month:%Y-%m}")
    evening.approves_from_the_card(terminal, phone)
    evening.a_forwarded_link_is_refused(terminal, phone, Window(browser, PHONE))
    evening.owners_hear(terminal, Window(browser, PHONE))


def looks_at_the_runs(terminal: Terminal, operator: Window) -> None:
    """The Prefect UI names the month's run."""
    tab = operator.go(f"{terminal.ports.prefect_url}/runs")
    tab.get_by_text("出账 翠湖花园", exact=False).first.wait_for()
    operator.shot("runs", whole=False)
