"""What an app message may hold, kind by kind, with the byte limits."""

from collections.abc import Callable
from typing import Any

from gateway.sandbox.cards import template_card
from gateway.sandbox.replies import WeComError, cut, text_field
from gateway.sandbox.store import Store

TEXT_BYTES = 2048
URL_BYTES = 2048
TITLE_BYTES = 128
DESCRIPTION_BYTES = 512
BUTTON_CHARACTERS = 4

Content = dict[str, Any]


def checked(store: Store, body: dict[str, Any], *, now: int) -> tuple[str, Content]:
    """The message type and its content as it will be shown. Raises what WeCom would answer."""
    kind = body.get("msgtype")
    if not isinstance(kind, str) or kind not in {*CHECKS, *MEDIA_KINDS}:
        raise WeComError(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise WeComError(40058, f"{kind} missing")
    if kind in MEDIA_KINDS:
        return kind, media_content(store, kind, content, now=now)
    return kind, CHECKS[kind](content)


def text(content: Content) -> Content:
    """Cut without a word at 2048 bytes."""
    written = text_field(content, "content")
    if not written:
        raise WeComError(44004)
    return {"content": cut(written, TEXT_BYTES)}


def markdown(content: Content) -> Content:
    """A subset of markdown; too long is an error here."""
    written = text_field(content, "content", TEXT_BYTES)
    if not written:
        raise WeComError(44004)
    return {"content": written}


def textcard(content: Content) -> Content:
    """Title, description and where it leads."""
    card = {
        "title": text_field(content, "title", TITLE_BYTES),
        "description": text_field(content, "description", DESCRIPTION_BYTES),
        "url": address(content, "url"),
    }
    if not card["title"] or not card["description"]:
        raise WeComError(40058, "title and description are required")
    button = text_field(content, "btntxt") or "详情"
    return {**card, "btntxt": button[:BUTTON_CHARACTERS]}


def news(content: Content) -> Content:
    """One to eight articles."""
    articles = content.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise WeComError(45008)
    return {"articles": [article(each) for each in articles]}


def article(content: Any) -> Content:
    """One article; it leads to a url or into a mini program."""
    if not isinstance(content, dict):
        raise WeComError(40058, "article must be an object")
    title = text_field(content, "title", TITLE_BYTES)
    if not title:
        raise WeComError(40058, "article title missing")
    in_program = bool(content.get("appid") and content.get("pagepath"))
    return {
        "title": title,
        "description": text_field(content, "description", DESCRIPTION_BYTES),
        "url": "" if in_program else address(content, "url"),
        "picurl": text_field(content, "picurl", URL_BYTES),
    }


def address(content: Content, key: str) -> str:
    """A required http(s) address: 40058 missing or too long, 45034 without a scheme."""
    url = text_field(content, key)
    if not url or len(url.encode()) > URL_BYTES:
        raise WeComError(40058, f"{key} missing or longer than {URL_BYTES} bytes")
    if not url.startswith(("http://", "https://")):
        raise WeComError(45034)
    return url


def media_content(store: Store, kind: str, content: Content, *, now: int) -> Content:
    """An uploaded file of the right kind that has not expired."""
    media_id = text_field(content, "media_id")
    filename = living_media(store, kind, media_id, now=now)
    caption: Content = {
        key: text_field(content, key) for key in ("title", "description") if key in content
    }
    return {"media_id": media_id, "filename": filename, **caption}


def living_media(store: Store, kind: str, media_id: str, *, now: int) -> str:
    """Its file name; 40007 unless it was uploaded as this kind within three days."""
    filename: str | None = store.value(
        "SELECT filename FROM media WHERE media_id = ? AND type = ? AND created_at > ?",
        media_id, kind, now - MEDIA_LIFE_SECONDS,
    )  # fmt: skip
    if filename is None:
        raise WeComError(40007)
    return filename


MEDIA_KINDS = frozenset({"image", "voice", "video", "file"})
MEDIA_LIFE_SECONDS = 3 * 86_400
CHECKS: dict[str, Callable[[Content], Content]] = {
    "text": text,
    "markdown": markdown,
    "textcard": textcard,
    "news": news,
    "template_card": template_card,
}
