"""Opening a community: what the first import, or an operator, does once."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.company.model import Community, Company
from domain.errors import Invalid

DEFAULT_COMPANY = "物业公司"


def open_community(session: Session, name: str, *, company: str | None = None) -> Community:
    """The community of this name, made together with its company if it is new."""
    plain = name.strip()
    if not plain or len(plain) > 60:
        raise Invalid("小区名称应为 1 到 60 个字")
    company_id = session.scalar(select(Company.id).order_by(Company.id).limit(1))
    if company_id is None:
        session.execute(
            insert(Company).values(name=company or DEFAULT_COMPANY).on_conflict_do_nothing()
        )
        company_id = session.scalars(select(Company.id).order_by(Company.id).limit(1)).one()
    session.execute(
        insert(Community)
        .values(company_id=company_id, name=plain)
        .on_conflict_do_nothing(index_elements=[Community.name])
    )
    return session.scalars(select(Community).where(Community.name == plain)).one()
