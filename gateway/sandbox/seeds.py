"""The body of POST /_sandbox/seed, described field by field."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.@-]+$")]


class Strict(BaseModel):
    """A misspelt key is an error, not a shrug."""

    model_config = ConfigDict(extra="forbid")


class SeedCallback(Strict):
    """Where an app hears of events (接收消息服务器)."""

    url: str = Field(pattern=r"^https?://[^/\s]+")
    token: str = Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9]+$")
    aes_key: str = Field(pattern=r"^[A-Za-z0-9+/]{43}$")
    timeout_seconds: float = Field(default=5, gt=0, le=60)
    report_enter: bool = False
    full_contacts: bool = False


class SeedApp(Strict):
    """An app of the company. `customer_contact` None: while there is no contact secret."""

    agent_id: int = Field(ge=1)
    secret: str = Field(min_length=1)
    name: str
    customer_contact: bool | None = None
    trusted_domain: str | None = None
    callback: SeedCallback | None = None


class SeedMember(Strict):
    """A member of the company. What is left out keeps its value, or is as written here."""

    userid: Id
    name: str
    mobile: str = ""
    position: str = ""
    email: str = ""
    active: bool = True
    status: Literal[1, 2, 4, 5] = 1
    departments: list[int] = Field(default=[1], min_length=1)
    leads: list[int] = []
    main_department: int | None = None

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """`active` is the short form of `status`; one leads and calls home where one belongs."""
        if {"active", "status"} <= self.model_fields_set and self.active != (self.status in (1, 4)):
            raise ValueError("active and status contradict each other")
        homes = {*self.leads, *([self.main_department] if self.main_department else [])}
        if not homes <= set(self.departments):
            raise ValueError("leads and main_department must be among departments")
        return self

    @property
    def standing(self) -> int:
        """The status, however it was written."""
        return self.status if "status" in self.model_fields_set else (1 if self.active else 5)


class SeedDepartment(Strict):
    """A department; 1 is the company itself, and there without being named."""

    id: int = Field(ge=1)
    name: str = Field(min_length=1, max_length=64)
    parentid: int = Field(default=1, ge=0)
    order: int = Field(default=100, ge=0)


class SeedTag(Strict):
    """A tag with the members and departments that carry it."""

    tagid: int = Field(ge=0)
    name: str = Field(min_length=1, max_length=32)
    members: list[Id] = []
    departments: list[int] = []


class SeedCustomer(Strict):
    """A WeChat user who is a customer of some members."""

    external_userid: Id
    name: str
    followers: list[Id] = []
    remark: str = ""


class Seed(Strict):
    """The body of POST /_sandbox/seed."""

    corp_id: Id | None = None
    corp_name: str | None = None
    apps: list[SeedApp] = []
    contact_secret: str | None = None
    sync_secret: str | None = None
    departments: list[SeedDepartment] = []
    staff: list[SeedMember] = []
    tags: list[SeedTag] = []
    customers: list[SeedCustomer] = []
