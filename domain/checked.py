"""What people type, in words: lengths and signs that every form asks for alike."""

from domain.errors import Invalid

REASON_LENGTH = 500


class TextInvalid(Invalid):
    """A text that is empty, too long, or holds signs nobody can read."""

    code = "text_invalid"


def text(typed: str, name: str, *, most: int, without: str = "") -> str:
    """The text without blanks around it, or a refusal that names the field."""
    plain = typed.strip()
    if not plain:
        raise TextInvalid(f"请填写{name}")
    if len(plain) > most:
        raise TextInvalid(f"{name}最多 {most} 个字")
    if not plain.isprintable() or any(sign in plain for sign in without):
        signs = f"不能有 {' '.join(without)}" if without else "不能有看不见的字符"
        raise TextInvalid(f"{name}{signs}")
    return plain


def reason(typed: str, name: str) -> str:
    """Why somebody does what cannot be undone: never without a word."""
    return text(typed, name, most=REASON_LENGTH)


def optional_text(typed: str, name: str, *, most: int, without: str = "") -> str | None:
    """The same where nothing may stand; then None."""
    return text(typed, name, most=most, without=without) if typed.strip() else None
