"""A post room over a real sandbox and a real database, with a rack to put letters in."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, select, update

from domain import clock
from domain.history.model import StatusChange
from domain.letters import outbox
from domain.letters.model import ChannelPause, Letter, LetterAttempt
from domain.people.model import Person
from domain.session import transaction
from domain.vault import Vault
from flows.delivery import rounds
from flows.delivery.looking import look
from flows.delivery.postroom import PostRoom, Rules
from flows.delivery.tally import Tally
from gateway.settings import Settings
from gateway.wecom.client import WeComApp
from gateway.wecom.tokens import MemoryTokenStore
from tests.factories.office import Office
from tests.support import sandbox as box
from tests.support.sandbox import SandboxServer

NOON = datetime.fromisoformat("2026-11-03T12:00:00+08:00")
FAST = Rules(batch=64, threads=4)


class Clock:
    """Ours stands still until it is moved; the sandbox's is set to it and then runs."""

    def __init__(self, at: datetime, sandbox: SandboxServer) -> None:
        self.at, self.sandbox = at, sandbox
        self.on()

    def __call__(self) -> datetime:
        return self.at

    def on(self, **units: float) -> datetime:
        self.at += timedelta(**units)
        self.sandbox.control("POST", "clock", {"at": self.at.isoformat()})
        return self.at


def settings_for(sandbox: SandboxServer, **more: Any) -> Settings:
    return Settings(
        _env_file=None, secret_key=SecretStr("k" * 43), base_url="https://wuye.example",
        wecom_corp_id=box.CORP_ID, wecom_agent_id=box.AGENT_ID,
        wecom_secret=SecretStr(box.APP_SECRET), wecom_contact_secret=SecretStr(box.CONTACT_SECRET),
        wecom_base_url=sandbox.url, **more,
    )  # fmt: skip


def app(sandbox: SandboxServer, secret: str, *, seconds: float = 10) -> WeComApp:
    return WeComApp(
        box.CORP_ID, secret, box.AGENT_ID, base_url=sandbox.url, store=MemoryTokenStore(),
        timeout=(seconds, seconds),
    )  # fmt: skip


class Rack:
    """Letters for the people of the sandbox's office: lisi, zhaoliu; owners wm1, wm2, wm3."""

    def __init__(self, engine: Engine, sandbox: SandboxServer, vault: Vault) -> None:
        self.engine, self.sandbox, self.clock = engine, sandbox, Clock(NOON, sandbox)
        self.serial = 0
        with transaction(engine) as session:
            office = Office(session, vault, at=NOON)
            self.community = office.community.id
            self.staff = {name: office.staff(name, name, []).id for name in ("lisi", "zhaoliu")}
            self.manager = office.manager.id
            self.owners = {}
            for door in (1, 2, 3):
                room = office.room(f"5-1-10{door}", owner=None)
                owner = office.person("王小明")
                office.lives(room, owner)
                follower = "zhaoliu" if door == 3 else "lisi"
                office.bound(owner, f"wm{door}", follower=follower)
                self.owners[f"wm{door}"] = owner.id
                self.run = office.bill(room, 12_345 * door, payer=owner).bill_run_id
        self.room = self.post_room()

    def real_time(self) -> None:
        """From here on it is now, for the rack and for the sandbox."""
        self.clock.at = clock.now()
        self.sandbox.control("POST", "clock", {"offset_seconds": 0})

    def post_room(self, rules: Rules = FAST, *, seconds: float = 10, **changes: Any) -> PostRoom:
        return PostRoom(
            self.engine, settings_for(self.sandbox, **changes),
            app(self.sandbox, box.APP_SECRET, seconds=seconds),
            app(self.sandbox, box.CONTACT_SECRET, seconds=seconds), rules, self.clock,
        )  # fmt: skip

    def impatient(self, **rules: Any) -> PostRoom:
        return self.post_room(replace(FAST, **rules), seconds=0.5)

    def put(self, kind: str, **more: Any) -> int:
        """A letter queued now; its id."""
        self.serial += 1
        key = f"letter {self.serial}"
        with transaction(self.engine) as session:
            outbox.put(
                session, kind, key=key, at=self.clock(),
                **{"community_id": self.community, "facts": {}, **more},
            )  # fmt: skip
            found = session.scalar(select(Letter.id).where(Letter.key == key))
        assert found is not None
        return found

    def note(self, to: str = "lisi", owners: int = 7) -> int:
        """To a colleague; each says another number."""
        facts = {"owners": owners + self.serial, "as_of": self.clock().isoformat()}
        return self.put("letters.press_send", staff_id=self.staff[to], facts=facts)

    def bill(self, to: str = "wm1") -> int:
        """To an owner: the bill of the month."""
        return self.put("bill.issued", person_id=self.owners[to], facts={"run": self.run})

    def deliver(self, room: PostRoom | None = None) -> Tally:
        return rounds.deliver(room or self.room)

    def look(self, **how: Any) -> Tally:
        return look(self.room, **how)

    def letter(self, letter_id: int) -> Letter:
        with transaction(self.engine) as session:
            return session.get_one(Letter, letter_id)

    def status(self, *letter_ids: int) -> list[str]:
        return [self.letter(one).status.value for one in letter_ids]

    def tries(self, letter_id: int) -> list[tuple[str, str | None]]:
        """(outcome, reply code) of each attempt, oldest first."""
        with transaction(self.engine) as session:
            rows = session.scalars(
                select(LetterAttempt)
                .where(LetterAttempt.letter_id == letter_id)
                .order_by(LetterAttempt.number)
            )
            return [(row.outcome.value, row.reply_code) for row in rows]

    def history(self, letter_id: int) -> list[str]:
        with transaction(self.engine) as session:
            rows = session.scalars(
                select(StatusChange.verb)
                .where(StatusChange.thing == "letter", StatusChange.thing_id == letter_id)
                .order_by(StatusChange.id)
            )
            return list(rows)

    def pauses(self) -> list[tuple[str, str | None, int]]:
        """(channel, code, times) of the channels in trouble."""
        with transaction(self.engine) as session:
            rows = session.scalars(select(ChannelPause).order_by(ChannelPause.channel))
            return [(row.channel.value, row.code, row.times) for row in rows]

    def change(self, model: Any, row_id: int, **values: Any) -> None:
        with transaction(self.engine) as session:
            session.execute(update(model).where(model.id == row_id).values(**values))

    def rename(self, owner: str, name: str) -> None:
        self.change(Person, self.owners[owner], name=name)
