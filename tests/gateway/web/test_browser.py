"""The pages in a real browser, narrow and wide; screenshots go to artifacts/."""

import pytest

from domain import clock
from domain.letters.model import Letter, LetterStatus
from domain.people.model import Person
from domain.session import transaction
from gateway.links import desk_link, owner_link
from tests.gateway.web import demo
from tests.support.browsing import NEEDED, SIZES, shot

pytestmark = NEEDED


@pytest.fixture
def stage(scene):
    """The demo household, with a letter that was sent to its owner."""
    with scene() as office:
        office.bill_shown = demo.household(office)
        office.owner = office.session.get_one(Person, office.bill_shown.payer_id)
        office.letter = Letter(
            community_id=office.community.id, person_id=office.owner.id, kind="bill.issued",
            key="one", facts={}, status=LetterStatus.SENT, queued_at=office.at,
            not_before=office.at,
        )  # fmt: skip
        office.session.add(office.letter)
        office.session.flush()
    return office


def test_an_owner_reads_the_bill_on_a_phone_and_the_letter_is_opened(window, served, stage, engine):
    tab = window("360", device_scale_factor=2)
    link = owner_link(served, person_id=stage.owner.id, at=clock.now(), letter_id=stage.letter.id)
    with tab.expect_response(lambda answer: answer.url.endswith("/opened")) as told:
        tab.goto(link)
    assert told.value.status == 204
    with transaction(engine) as session:
        assert session.get_one(Letter, stage.letter.id).status == LetterStatus.OPENED
    shot(tab, "owner-bills-360")
    tab.click("text=2026年11月 >> nth=0")
    assert tab.locator("text=为什么是这个数").count() == 2
    assert tab.locator("button[data-print]").is_visible()
    shot(tab, "owner-bill-360")
    tab.emulate_media(media="print")
    assert not tab.locator("button[data-print]").is_visible()


@pytest.mark.parametrize("size", SIZES)
def test_a_cashier_takes_money(window, served, stage, size):
    tab = window(size)
    tab.goto(desk_link(served, stage.manager.id, clock.now()))
    shot(tab, f"desk-enter-{size}")
    tab.click("text=进入工作台")
    shot(tab, f"desk-home-{size}")
    tab.click("nav >> text=收费台")
    tab.fill("#q", "欧阳")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/counter?s=*")
    shot(tab, f"desk-found-{size}")
    tab.click("a:has-text('5-1-101')")
    assert tab.input_value("#amount") == "480.64"
    tab.uncheck("input[name=bills] >> nth=0")
    assert tab.input_value("#amount") == "318.31"
    assert tab.inner_text("[data-chosen]") == "¥318.31"
    tab.check("input[name=bills] >> nth=0")
    tab.fill("#amount", "五百")
    tab.click("text=下一步")
    tab.locator("[role=alert]", has_text="看不懂金额").wait_for()
    shot(tab, f"desk-refused-{size}")
    tab.fill("#amount", "500")
    tab.click("text=下一步")
    assert "多收 ¥19.36 转入欧阳文静的预存款" in tab.inner_text("h1")
    shot(tab, f"desk-confirm-{size}")
    tab.dblclick("text=确认收款")
    tab.wait_for_url("**/receipts/**")
    tab.locator("[role=status]", has_text="已收 ¥500.00").wait_for()
    shot(tab, f"desk-receipt-{size}")
    for name in ("runs", "letters", f"bills/{stage.bill_shown.no}"):
        tab.goto(f"{served.base_url}/desk/{name}")
        shot(tab, f"desk-{name.split('/')[0]}-{size}")


def test_everything_works_without_script(window, served, stage):
    tab = window("desktop", java_script_enabled=False)
    tab.goto(desk_link(served, stage.manager.id, clock.now()))
    tab.click("text=进入工作台")
    tab.goto(f"{served.base_url}/desk/counter/rooms/{stage.bill_shown.room_id}")
    tab.uncheck("input[name=bills] >> nth=0")
    tab.fill("#amount", "")
    tab.click("text=下一步")
    assert "收 ¥318.31" in tab.inner_text("h1")
    tab.click("text=确认收款")
    tab.locator("[role=status]", has_text="已收 ¥318.31").wait_for()


def test_the_counter_can_be_used_by_keyboard(window, served, stage):
    tab = window("desktop")
    tab.goto(desk_link(served, stage.manager.id, clock.now()))
    # The browser moves the focus with the first frame it paints, which may be after `load`.
    tab.locator(":focus", has_text="进入工作台").wait_for()
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/desk")
    tab.goto(f"{served.base_url}/desk/counter")
    tab.locator("#q:focus").wait_for()
    tab.keyboard.type("5-1-101")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/rooms/*")
    tab.focus("#amount")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/confirm")
    for _ in range(40):
        tab.keyboard.press("Tab")
        if "确认收款" in tab.evaluate("document.activeElement.textContent"):
            break
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/receipts/**")
