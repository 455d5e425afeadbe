"""Signed links: who may open which page, until when. They carry ids, never names or phones.

A link is signed with WUYE_SECRET_KEY under a purpose of its own, so an owner's link never opens the
desk. It holds the moment it was made; how long it lives is decided when it is read.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from domain.errors import BackOfficeError, Invalid
from gateway.settings import Settings

OWNER_PURPOSE = "wuye owner link"
DESK_PURPOSE = "wuye desk link"
DESK_LINK_LIFE = timedelta(minutes=10)


class LinkInvalid(BackOfficeError):
    """Not a link of ours, or changed on its way."""

    code = "link_invalid"


class LinkExpired(BackOfficeError):
    """A link of ours that is too old."""

    code = "link_expired"


class SecretMissing(Invalid):
    """WUYE_SECRET_KEY is not set."""

    code = "secret_key_missing"


@dataclass(frozen=True)
class OwnerVisit:
    """Whose page an owner link opens, and the letter that carried it, if one did."""

    person_id: int
    letter_id: int | None


@dataclass(frozen=True)
class DeskPass:
    """Whom a desk link signs in; `nonce` makes it good for one use."""

    staff_id: int
    nonce: str


def owner_link(
    config: Settings, *, person_id: int, at: datetime, letter_id: int | None = None
) -> str:
    """The address of a person's bills, good for `owner_link_days` from `at`."""
    token = signer(config, OWNER_PURPOSE).dumps([seconds(at), person_id, letter_id or 0])
    return f"{config.base_url.rstrip('/')}/h5/b/{token}"


def read_owner_token(config: Settings, token: str, *, at: datetime) -> OwnerVisit:
    """What an owner link says, or LinkInvalid / LinkExpired."""
    life = timedelta(days=config.owner_link_days)
    person_id, letter_id = read_signed(config, OWNER_PURPOSE, token, at, life, "账单链接")
    return OwnerVisit(person_id, letter_id or None)


def desk_link(config: Settings, staff_id: int, at: datetime) -> str:
    """The address that signs a colleague in once, within ten minutes of `at`."""
    token = signer(config, DESK_PURPOSE).dumps([seconds(at), staff_id, secrets.token_urlsafe(12)])
    return f"{config.base_url.rstrip('/')}/desk/enter/{token}"


def read_desk_token(config: Settings, token: str, *, at: datetime) -> DeskPass:
    """What a desk link says, or LinkInvalid / LinkExpired. Whether it was used is not known here."""
    staff_id, nonce = read_signed(config, DESK_PURPOSE, token, at, DESK_LINK_LIFE, "登录链接")
    return DeskPass(staff_id, nonce)


def signer(config: Settings, purpose: str) -> URLSafeSerializer:
    """Signs and reads JSON values for one purpose."""
    if config.secret_key is None:
        raise SecretMissing("没有设置签名密钥（WUYE_SECRET_KEY），不能生成或打开链接")
    return URLSafeSerializer(
        config.secret_key.get_secret_value(),
        salt=purpose,
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def read_signed(
    config: Settings, purpose: str, token: str, at: datetime, life: timedelta, name: str
) -> list[Any]:
    """What a link of this purpose holds besides its moment, or LinkInvalid / LinkExpired."""
    try:
        made, *rest = signer(config, purpose).loads(token)
    except BadData as error:
        raise LinkInvalid(f"这个{name}不完整或已被改动") from error
    if at >= datetime.fromtimestamp(made, UTC) + life:
        raise LinkExpired(f"这个{name}已经过期")
    return list(rest)


def seconds(at: datetime) -> int:
    """A moment as links hold it."""
    return int(at.timestamp())
