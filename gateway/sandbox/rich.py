"""Message text as a phone shows it: everything escaped, then the little that is allowed."""

import re
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape

URL = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
TRAILING = ".,;:!?'()*"
ANCHOR = re.compile(
    r"<a\s[^>]*?href=[\"'](https?://[^\"']+)[\"'][^>]*>(.*?)</a>", re.DOTALL | re.IGNORECASE
)
CARD_TAG = re.compile(
    r"(<br\s*/?>|<div class=[\"'](?:gray|highlight|normal)[\"']>|</div>)", re.IGNORECASE
)
PICTURES = frozenset({"picurl", "pic_url", "icon_url"})

MARKDOWN_SPAN = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<label>[^\]]+)\]\((?P<href>https?://[^)\s]+)\)"
    r"|<font color=[\"'](?P<tone>info|comment|warning)[\"']>(?P<toned>.*?)</font>"
)
MARKDOWN_HEADING = re.compile(r"#{1,6} (.+)")


def links_in(value: Any) -> list[str]:
    """Every http(s) address in a JSON value, in reading order; pictures are not links."""
    return list(found_links(value))


def found_links(value: Any) -> Iterator[str]:
    """The addresses of one value."""
    if isinstance(value, str):
        yield from (trimmed(match.group()) for match in URL.finditer(value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in PICTURES:
                yield from found_links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from found_links(inner)


def trimmed(url: str) -> str:
    """Without the punctuation that belongs to the sentence."""
    return url.rstrip(TRAILING)


def anchor(url: str, label: str) -> Markup:
    """A link that opens beside the phone."""
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
        url, label
    )


def plain(text: str) -> Markup:
    """Plain text: addresses become links, line breaks stay (the page keeps white space)."""
    parts, end = [], 0
    for match in URL.finditer(text):
        url = trimmed(match.group())
        parts += [escape(text[end : match.start()]), anchor(url, url)]
        end = match.start() + len(url)
    return Markup("").join([*parts, escape(text[end:])])


def anchored(text: str) -> Markup:
    """App text, where `<a href>` is allowed besides plain addresses."""
    parts, end = [], 0
    for match in ANCHOR.finditer(text):
        parts += [plain(text[end : match.start()]), anchor(match[1], match[2])]
        end = match.end()
    return Markup("").join([*parts, plain(text[end:])])


def card_description(text: str) -> Markup:
    """A text card's description: `<br>` and three kinds of `<div>`, always closed again."""
    parts: list[Markup] = []
    depth = 0
    for piece in CARD_TAG.split(text):
        tag = CARD_TAG.fullmatch(piece) and piece.lower()
        if not tag:
            parts.append(escape(piece))
        elif tag.startswith("<br"):
            parts.append(Markup("<br>"))
        elif tag.startswith("<div"):
            depth += 1
            parts.append(opening(tag))
        elif depth:
            depth -= 1
            parts.append(Markup("</div>"))
    return Markup("").join([*parts, Markup("</div>") * depth])


def opening(tag: str) -> Markup:
    """The opening tag in our spelling."""
    tone = next(tone for tone in ("gray", "highlight", "normal") if tone in tag)
    return Markup('<div class="tone-{}">').format(tone)


def markdown(text: str) -> Markup:
    """WeCom's subset: headings, quotes, bold, code, links, three font colours."""
    return Markup("").join(markdown_line(line) for line in text.split("\n"))


def markdown_line(line: str) -> Markup:
    """One line as a block."""
    heading = MARKDOWN_HEADING.fullmatch(line)
    if heading:
        return Markup('<p class="md-heading">{}</p>').format(markdown_spans(heading[1]))
    if line.startswith(">"):
        return Markup('<p class="md-quote">{}</p>').format(markdown_spans(line[1:].strip()))
    return Markup('<p class="md-line">{}</p>').format(markdown_spans(line))


def markdown_spans(line: str) -> Markup:
    """The marks inside a line."""
    parts, end = [], 0
    for match in MARKDOWN_SPAN.finditer(line):
        parts += [plain(line[end : match.start()]), markdown_span(match)]
        end = match.end()
    return Markup("").join([*parts, plain(line[end:])])


def markdown_span(match: re.Match[str]) -> Markup:
    """One mark."""
    if match["bold"]:
        return Markup("<strong>{}</strong>").format(markdown_spans(match["bold"]))
    if match["code"]:
        return Markup("<code>{}</code>").format(match["code"])
    if match["href"]:
        return anchor(match["href"], match["label"])
    return Markup('<span class="tone-{}">{}</span>').format(match["tone"], match["toned"] or "")
