"""The company and the communities it looks after."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed, Rate


class Company(Keyed, Base):
    """物业公司."""

    __tablename__ = "company"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("(logo IS NULL) = (logo_type IS NULL)", name="logo_pair"),
    )

    name: Mapped[str] = mapped_column(comment="企业名称")
    phone: Mapped[str | None] = mapped_column(comment="联系方式")
    address: Mapped[str | None] = mapped_column(comment="地址")
    sender_name: Mapped[str | None] = mapped_column(comment="消息署名；空 = 企业名称")
    logo: Mapped[bytes | None] = mapped_column(comment="PNG、JPEG 或 WebP，200 KB 以内")
    logo_type: Mapped[str | None]


class Community(Keyed, Base):
    """小区: the unit of data scope, of bill runs and of the payment rules."""

    __tablename__ = "community"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("bill_due_days BETWEEN 1 AND 366", name="due_days"),
        CheckConstraint("auto_approve_total_fen >= 0", name="auto_total"),
        CheckConstraint("auto_approve_change >= 0", name="auto_change"),
    )

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    name: Mapped[str] = mapped_column(comment="小区名称")
    address: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(comment="服务中心电话；空 = 企业联系方式")
    sender_name: Mapped[str | None] = mapped_column(comment="消息署名；空 = 企业的消息署名")
    bill_due_days: Mapped[int] = mapped_column(server_default="30", comment="出账后多少天到期")
    auto_approve_total_fen: Mapped[int | None] = mapped_column(
        comment="总额不超过此数（分）才可自动通过；空 = 一律人工审批"
    )
    auto_approve_change: Mapped[Rate | None] = mapped_column(
        comment="与上期总额相差不超过此比例才可自动通过"
    )
