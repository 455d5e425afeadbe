"""Every table, so that metadata is whole wherever this module is imported."""

from domain.access import model as access
from domain.base import Base
from domain.bills import model as bills
from domain.company import model as company
from domain.fees import model as fees
from domain.history import model as history
from domain.history import places as audit_places
from domain.imports import model as imports
from domain.inbox import model as inbox
from domain.letters import model as letters
from domain.meters import model as meters
from domain.payments import model as payments
from domain.people import model as people
from domain.rooms import model as rooms
from domain.staff import model as staff

metadata = Base.metadata

__all__ = [
    "access",
    "audit_places",
    "bills",
    "company",
    "fees",
    "history",
    "imports",
    "inbox",
    "letters",
    "metadata",
    "meters",
    "payments",
    "people",
    "rooms",
    "staff",
]
