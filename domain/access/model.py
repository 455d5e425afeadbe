"""Getting in: sessions, passwords, one-time codes, tokens, and what people started from links."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed, stored


class SignInWay(StrEnum):
    """How somebody got in."""

    LINK = "link"
    WECOM = "wecom"
    QR = "qr"
    PASSWORD = "password"  # noqa: S105 - the word, not one


SIGN_IN_WAY_NAMES = {
    SignInWay.LINK: "登录链接",
    SignInWay.WECOM: "企业微信",
    SignInWay.QR: "企业微信扫码",
    SignInWay.PASSWORD: "账号密码",
}


class DeskSession(Keyed, Base):
    """One browser of one colleague, from signing in until it is ended or too old.

    Only the hash of what the browser holds is kept; ending the row signs the browser out.
    """

    __tablename__ = "desk_session"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_desk_session_live", "staff_id", postgresql_where=text("ended_at IS NULL")),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    token_hash: Mapped[bytes]
    form_key: Mapped[str] = mapped_column(comment="这个登录里的表单凭据")
    way: Mapped[SignInWay] = mapped_column(stored(SignInWay, "way"))
    device: Mapped[str] = mapped_column(comment="浏览器自称")
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class StaffCredential(Keyed, Base):
    """账号密码, issued by an administrator; it opens nothing until its owner has changed it."""

    __tablename__ = "staff_credential"
    __table_args__ = (
        UniqueConstraint("staff_id"),
        CheckConstraint("failures >= 0", name="failures"),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    password_hash: Mapped[str] = mapped_column(comment="argon2id")
    issued_at: Mapped[datetime]
    issued_by: Mapped[str] = mapped_column(comment="谁发放的")
    changed_at: Mapped[datetime | None] = mapped_column(comment="本人何时改过；空 = 还是初始密码")
    failures: Mapped[int] = mapped_column(server_default="0", comment="连续输错几次")
    blocked_until: Mapped[datetime | None]


class UnknownLogin(Base):
    """输错的账号: tries at accounts nobody has, counted as those at real ones are.

    `mark` is three bytes of the name's hash: enough to count by, too little to tell what was typed.
    """

    __tablename__ = "unknown_login"
    __table_args__ = (
        Index(None, "tried_at"),
        CheckConstraint("failures >= 0", name="failures"),
    )

    mark: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int] = mapped_column(server_default="0", comment="连续输错几次")
    blocked_until: Mapped[datetime | None]
    tried_at: Mapped[datetime]


class LoginCode(Keyed, Base):
    """登录验证码: sent to the member in WeCom after the right password, good for one browser."""

    __tablename__ = "login_code"
    __table_args__ = (
        UniqueConstraint("ticket_hash"),
        Index(None, "staff_id", "made_at"),
        CheckConstraint("tries >= 0", name="tries"),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ticket_hash: Mapped[bytes] = mapped_column(comment="输对密码的那个浏览器")
    code_hash: Mapped[bytes]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default="0")
    passed_at: Mapped[datetime | None] = mapped_column(comment="验证码输对的时刻")
    used_at: Mapped[datetime | None] = mapped_column(comment="已完成登录")


class OauthState(Keyed, Base):
    """A WeCom login under way: one use, one browser, five minutes."""

    __tablename__ = "oauth_state"
    __table_args__ = (UniqueConstraint("state_hash"), Index(None, "made_at"))

    state_hash: Mapped[bytes]
    browser_hash: Mapped[bytes]
    way: Mapped[SignInWay] = mapped_column(stored(SignInWay, "way"))
    next_path: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Keyed, Base):
    """接口令牌: lets a program act for a colleague, within scopes, until a day."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "staff_id"))

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str]
    token_hash: Mapped[bytes]
    scopes: Mapped[list[Any]] = mapped_column(ARRAY(Text), comment="权限代号；不超出员工自己的权限")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class FlowStart(Keyed, Base):
    """A flow somebody started from a link or a page; `key` makes a double click start one run."""

    __tablename__ = "flow_start"
    __table_args__ = (UniqueConstraint("key"), Index(None, "staff_id", "at"))

    key: Mapped[str]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    deployment: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(comment="不含个人资料")
    at: Mapped[datetime]
    prefect_run: Mapped[str | None]
    request_id: Mapped[str | None] = mapped_column(comment="由哪次页面请求发起")
