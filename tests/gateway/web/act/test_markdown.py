"""What a run writes is shown, never run."""

from flows import artifacts
from gateway.web.act.markdown import COMMANDS, blocks, rows
from gateway.web.pages import TEMPLATES

PAGE = TEMPLATES.from_string("{% from 'act/parts.html' import report %}{{ report(one, markdown) }}")


def shown(kind, data):
    from gateway.flow_server import Artifact
    from gateway.web.act import markdown

    return PAGE.render(one=Artifact(kind, "标题", data), markdown=markdown)


def test_headings_lists_and_weights():
    html = shown("markdown", "## 账目相符\n\n- 收款 **¥1.00**\n- 尚欠 ¥0\n\n    wuye check\n一句话")
    assert "<h3>账目相符</h3>" in html
    assert "<ul><li>收款 <strong>¥1.00</strong></li><li>尚欠 ¥0</li></ul>" in html
    assert "<pre>wuye check" in html
    assert "<p>一句话</p>" in html


def test_nothing_a_run_writes_becomes_markup():
    evil = "<script>alert(1)</script> [点我](javascript:alert(1)) **<img src=x onerror=y>** `<b>`"
    for html in (
        shown("markdown", f"# {evil}\n- {evil}\n    {evil}\n{evil}"),
        shown("table", f'[{{"{"<b>房屋</b>"}": "<script>x</script>"}}]'),
    ):
        assert not any(mark in html for mark in ("<script", "<img", "<b>", "javascript:"))


def test_tables_are_read_whatever_they_hold():
    assert rows('[{"房屋": "1-1-101", "差": null}, 7]') == [{"房屋": "1-1-101", "差": ""}]
    for broken in ("{", "7", '{"a": 1}', None, [{}] * 0):
        assert rows(broken) == []
    assert len(rows([{"n": n} for n in range(500)])) == 50
    assert blocks(None) == []


def test_commands_are_for_operators_and_not_on_a_managers_phone():
    told = f"账单 3 张\n\n### {COMMANDS}\n\n批准：\n\n    wuye bills run --approve-by 工号\n"
    assert shown("markdown", told).count("账单 3 张") == 1
    assert "wuye" not in shown("markdown", told)
    assert artifacts.COMMANDS == COMMANDS, "the flow and the page mean the same heading"
