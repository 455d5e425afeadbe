"""Message text becomes safe markup: what is not allowed shows as it was typed."""

import pytest
from markupsafe import Markup

from gateway.sandbox.rich import anchored, card_description, links_in, markdown, plain

BLANK = 'target="_blank" rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>&", "&lt;b&gt;&amp;"),
        ("看 http://a.cn/b，请", f'看 <a href="http://a.cn/b" {BLANK}>http://a.cn/b</a>，请'),
        ("(http://a.cn/b).", f'(<a href="http://a.cn/b" {BLANK}>http://a.cn/b</a>).'),
        ('<a href="http://a.cn">x</a>', None),
    ],
)
def test_plain(text: str, html: str | None) -> None:
    shown = plain(text)
    assert shown == html if html else '<a href="http://a.cn">x' not in shown


def test_an_anchor_is_allowed_in_app_text_only_over_http() -> None:
    assert anchored('<a href="http://a.cn">去<b></a>') == Markup(
        f'<a href="http://a.cn" {BLANK}>去&lt;b&gt;</a>'
    )
    assert "<a" not in anchored('<a href="javascript:alert(1)">点</a>')


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('<div class="gray">灰</div>黑<br/>', '<div class="tone-gray">灰</div>黑<br>'),
        ('<div class="highlight">没关', '<div class="tone-highlight">没关</div>'),
        ("</div></div>多关", "多关"),
        ('<div class="x" onclick="y">', "&lt;div class=&#34;x&#34; onclick=&#34;y&#34;&gt;"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_card_description(text: str, html: str) -> None:
    assert card_description(text) == html


def test_markdown_subset() -> None:
    shown = markdown(
        '# 题\n> 引\n**粗** `码` [去](http://a.cn) <font color="warning">警</font> <i>'
    )
    assert '<p class="md-heading">题</p><p class="md-quote">引</p>' in shown
    assert "<strong>粗</strong> <code>码</code>" in shown
    assert f'<a href="http://a.cn" {BLANK}>去</a>' in shown
    assert '<span class="tone-warning">警</span> &lt;i&gt;' in shown


def test_pictures_are_not_links() -> None:
    card = {"url": "http://a.cn/1", "picurl": "http://a.cn/p.png", "list": ["http://a.cn/2"]}
    assert links_in(card) == ["http://a.cn/1", "http://a.cn/2"]
