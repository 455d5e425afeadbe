"""The company's logo: told by its content, not by what a file calls itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.company.editing import the_company
from domain.company.model import Company
from domain.errors import Invalid
from domain.history import audit
from domain.history.actor import Actor

MOST_BYTES = 200 * 1024
LEAST_BYTES = 32
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


class LogoInvalid(Invalid):
    """A file that is no PNG, JPEG or WebP, or too large."""

    code = "logo_invalid"


@dataclass(frozen=True, slots=True)
class Logo:
    """The picture and its media type."""

    data: bytes
    type: str


def type_of(data: bytes) -> str:
    """The media type that the first bytes tell, or LogoInvalid."""
    if len(data) > MOST_BYTES:
        raise LogoInvalid("图片太大，请压缩到 200 KB 以内")
    if len(data) >= LEAST_BYTES:
        if data.startswith(PNG) and data[12:16] == b"IHDR":
            return "image/png"
        if data.startswith(JPEG):
            return "image/jpeg"
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return "image/webp"
    raise LogoInvalid("看不懂这个文件，请选 PNG、JPEG 或 WebP 图片")


def put(session: Session, data: bytes, *, by: Actor, at: datetime) -> None:
    """Show this logo from now on."""
    _set(session, Logo(data, type_of(data)), by=by, at=at)


def remove(session: Session, *, by: Actor, at: datetime) -> None:
    """Show none."""
    _set(session, None, by=by, at=at)


def find(session: Session) -> Logo | None:
    """The logo, if there is one."""
    row = session.execute(
        select(Company.logo, Company.logo_type).order_by(Company.id).limit(1)
    ).one_or_none()
    return Logo(row.logo, row.logo_type) if row and row.logo else None


def _set(session: Session, logo: Logo | None, *, by: Actor, at: datetime) -> None:
    row = the_company(session)
    session.refresh(row, with_for_update=True)
    row.logo, row.logo_type = (logo.data, logo.type) if logo else (None, None)
    session.flush()
    audit.record(
        session, "company.logo", subject="company", subject_id=row.id, by=by, at=at,
        type=logo.type if logo else None, bytes=len(logo.data) if logo else 0,
    )  # fmt: skip
