"""Why a stack cannot start, in one sentence a person can act on."""

from domain.errors import BackOfficeError, Conflict, Invalid


class StackRunning(Conflict):
    """The home folder already has a stack."""

    code = "stack_running"


class PortTaken(Conflict):
    """Somebody listens on a port the stack needs."""

    code = "port_taken"


class SettingsMissing(Invalid):
    """Settings that have no safe default were not given."""

    code = "settings_missing"


class SettingsInvalid(Invalid):
    """A setting was given that cannot be read."""

    code = "settings_invalid"


class HomeUnusable(Invalid):
    """The home folder cannot be written, or not by this user."""

    code = "home_unusable"


class PartFailed(BackOfficeError):
    """A process of the stack did not come up; its log says why."""

    code = "part_failed"


class Relayed(BackOfficeError):
    """The refusal of a command that was run in a process of its own, with its code."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class DatabaseBehind(Conflict):
    """The database's tables are older than this program."""

    code = "database_behind"


class DatabaseNewer(Conflict):
    """The database's tables were made by a newer program than this."""

    code = "database_newer"
