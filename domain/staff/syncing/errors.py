"""When a reading of the contacts is not believed."""

from domain.errors import Conflict


class RosterEmpty(Conflict):
    """WeCom named nobody at all."""

    code = "roster_empty"


class TooManyLeave(Conflict):
    """More than a third would lose their access: rather a mistake than a bad day."""

    code = "too_many_leave"


class MappingsGone(Conflict):
    """Tags or departments that people have mapped are suddenly not there."""

    code = "mappings_gone"
