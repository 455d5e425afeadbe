"""WeCom's ceilings, as far as they are a matter of opinion: changeable, strict by default."""

from pydantic import BaseModel, ConfigDict, Field

from gateway.sandbox.store import Store


class LimitValues(BaseModel):
    """How many a member receives from one app, and a customer as mass messages."""

    model_config = ConfigDict(extra="forbid")

    member_per_minute: int = Field(default=30, ge=0)
    member_per_hour: int = Field(default=1000, ge=0)
    mass_per_day: int = Field(default=1, ge=0)
    mass_per_month: int = Field(default=4, ge=0)


class Limits:
    """The values in force; they survive a restart."""

    def __init__(self, store: Store) -> None:
        self.store = store
        stored = store.recall("limits")
        self.values = LimitValues.model_validate_json(stored) if stored else LimitValues()

    def change(self, values: LimitValues) -> None:
        """Only the fields that were named change."""
        named = values.model_dump(exclude_unset=True)
        self.keep(self.values.model_copy(update=named))

    def restore(self) -> None:
        """Strict again."""
        self.keep(LimitValues())

    def keep(self, values: LimitValues) -> None:
        """In force from now on."""
        self.values = values
        self.store.remember("limits", values.model_dump_json())
