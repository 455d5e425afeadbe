"""The shell on a phone: an owner's own data, a colleague's work."""

import re

from tests.gateway.web import demo
from tests.gateway.web.conftest import statements, words


def test_an_owner_sees_what_we_hold_with_the_middle_left_out(browser, scene, owner_path):
    with scene() as office:
        bill = demo.household(office)
        owner = office.person("程静", phone="13800001234")
        office.lives(office.room("5-1-301", owner=None), owner)
        other = bill.no
    answer = browser().get(f"{owner_path(owner)}/me")
    said = words(answer)
    assert "138****1234" in said
    assert "程*" in said
    assert "5-1-301 业主 · 缴费人" in said
    assert "建筑面积 100.00 ㎡" in said
    assert "程静" not in answer.text
    assert "13800001234" not in answer.text
    assert other not in answer.text
    assert browser().get("/h5/b/nonsense/me").status_code == 403


def test_a_colleagues_phone_says_what_waits(browser, scene, engine):
    with scene() as office:
        demo.household(office)
        demo.approvals(office)
        manager, nobody = office.manager, office.staff("new", "新同事", [])
    window = browser().sign_in(manager)
    with statements(engine) as sent:
        said = words(window.get("/h5/work"))
    assert len(sent) <= 9
    assert "1 条消息没有送到" in said
    assert "收费台" in said
    said = words(browser().sign_in(nobody).get("/h5/work"))
    assert "现在没有等您的事" in said
    assert "收费台" not in said
    assert "没有送到" not in said


def test_pages_call_no_other_host(browser, scene, owner_path):
    with scene() as office:
        demo.household(office)
        owner, manager = office.person("程静"), office.manager
    window = browser().sign_in(manager)
    pages = [window.get(path) for path in ("/h5/work", "/desk", "/desk/me", "/desk/login")]
    for answer in (*pages, browser().get(owner_path(owner))):
        sources = re.findall(r'(?:src|href|action)="([^"]+)"', answer.text)
        assert [one for one in sources if not one.startswith(("/", "#", "tel:"))] == []
        assert "default-src 'none'" in answer.headers["content-security-policy"]
