"""Opening a community: what the first import, or an operator, does once."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.company.model import Community, Company
from domain.errors import Invalid

DEFAULT_COMPANY = "物业公司"


def ensure_company(session: Session, name: str = DEFAULT_COMPANY) -> int:
    """The id of the company, made under this name if there is none yet."""
    first = select(Company.id).order_by(Company.id).limit(1)
    if session.scalar(first) is None:
        session.execute(insert(Company).values(name=name).on_conflict_do_nothing())
    return session.scalars(first).one()


def community_name(written: str) -> str:
    """The name without blanks around it; refused where it could not be a community's."""
    plain = written.strip()
    if not 0 < len(plain) <= 60 or not plain.isprintable():
        raise Invalid("小区名称应为 1 到 60 个字")
    return plain


def open_community(session: Session, name: str) -> Community:
    """The community of this name, made together with the company if it is new."""
    plain = community_name(name)
    session.execute(
        insert(Community)
        .values(company_id=ensure_company(session), name=plain)
        .on_conflict_do_nothing(index_elements=[Community.name])
    )
    return session.scalars(select(Community).where(Community.name == plain)).one()
