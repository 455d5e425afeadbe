"""周经理 on the way home: he starts next month's bills and approves them, all on his phone."""

import re
from typing import Any

import httpx

from tests.scenes import books
from tests.scenes.browser import Window
from tests.scenes.terminal import PATIENCE, Terminal, until

NEXT_MONTH = """
    SELECT run.status, run.period_start, count(bill.id) AS bills, sum(bill.total_fen) AS total_fen
    FROM bill_run run JOIN bill ON bill.bill_run_id = run.id
    WHERE run.period_start > (SELECT min(period_start) FROM bill_run)
    GROUP BY run.id
"""
TOLD = """
    SELECT contact.external_userid AS phone
    FROM letter JOIN person_channel contact ON contact.person_id = letter.person_id
    WHERE letter.kind = 'bill.issued' AND letter.status = 'sent'
      AND starts_with(letter.key, 'bill_run:' || (SELECT max(id) FROM bill_run) || ':payer:')
    ORDER BY letter.id DESC LIMIT 1
"""


def starts_next_month(terminal: Terminal, phone: Window, month: str) -> None:
    """From the app's menu on the phone: the form, the consequence in numbers, one run."""
    assert terminal.wuye("wecom", "menu").returncode == 0
    tab = phone.go(f"{terminal.ports.sandbox_url}/phone/jingli")
    tab.click("text=更多")
    phone.follow(tab.locator("text=发起任务"))
    phone.tab.click("text=用企业微信登录")
    phone.tab.locator("main a", has_text="出账").first.click()
    phone.tab.select_option("select", label="翠湖花园")
    phone.tab.fill("input[name*=month]", month)
    phone.tab.click("text=下一步")
    phone.tab.wait_for_selector("text=456 套房屋")
    phone.shot("start-confirm")
    phone.tab.dblclick("text=确认，开始出账")
    phone.tab.wait_for_url(re.compile("/act/runs/"))
    # the page refreshes itself
    phone.tab.locator("main", has_text="等待审批").wait_for(timeout=PATIENCE * 1000)
    phone.shot("start-follow")
    assert len(books.ask(terminal.home, NEXT_MONTH)) == 1, "a double click started one run"


def approves_from_the_card(terminal: Terminal, phone: Window) -> None:
    """The card in the chat, taken in hand with one button, decided behind its link."""
    chat = f"{terminal.ports.sandbox_url}/phone/jingli"
    until(lambda: shows(phone, chat, "我来处理"), "the card for the new month")
    phone.tab.locator(".app-card").last.locator("button", has_text="我来处理").click()
    until(lambda: shows(phone, chat, "接手"), "the card says who is at it")
    phone.shot("card-claimed")
    card = phone.tab.locator(".app-card").last
    phone.follow(card.locator("a").first)
    phone.tab.click("text=批准…")
    phone.tab.wait_for_selector("text=再确认一次")
    phone.shot("approve-confirm")
    phone.tab.dblclick("text=确认批准")
    phone.tab.wait_for_selector("text=已记下批准")
    until(lambda: shows(phone, phone.tab.url, "已出账"), "the run is issued")
    phone.shot("approved")


def a_forwarded_link_is_refused(terminal: Terminal, manager: Window, other: Window) -> None:
    """林管家 gets the link from somebody: she is who she is, and may not."""
    tab = other.go(f"{terminal.ports.sandbox_url}/phone/kefu")
    tab.goto(manager.tab.url)
    tab.click("text=用企业微信登录")
    tab.wait_for_url(re.compile("/connect/"))
    tab.click("button:has-text('林管家')")
    tab.wait_for_selector("text=没有权限")
    assert "¥" not in tab.inner_text("main")
    other.shot("forwarded")


def owners_hear(terminal: Terminal, phone: Window) -> None:
    """客服 presses send; next month's bills are on owners' phones."""
    box = terminal.ports.sandbox_url
    (run,) = books.ask(terminal.home, NEXT_MONTH)
    assert run["status"] == "issued"
    words = f"{run['period_start'].year}年{run['period_start'].month}月账单"

    def told() -> list[dict[str, Any]]:
        httpx.post(f"{box}/_sandbox/staff/kefu/press", json={"all": True}, timeout=60)
        return books.ask(terminal.home, TOLD)

    (owner,) = until(told, "somebody was told of next month's bill")
    tab = phone.go(f"{box}/phone/{owner['phone']}")
    assert words in tab.locator(".bubble").last.inner_text()
    phone.shot("owner-next-month")


def shows(window: Window, address: str, words: str) -> bool:
    """Whether an address says so now; if it does, the window stays there.

    Looked at in a tab of its own: the one in front may be on its way somewhere by itself.
    """
    tab = window.tab.context.new_page()
    tab.goto(address)
    if words not in tab.inner_text("main"):
        tab.close()
        return False
    window.tab = tab
    return True
