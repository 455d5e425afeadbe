"""The data keys from the command line: a new one in front, and everything sealed with it again."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from deployments.office import OpenOffice
from deployments.stack import secrets
from deployments.stack.databases import is_embedded
from deployments.stack.home import Home, running
from domain.errors import Conflict
from domain.people import rotation
from domain.session import snapshot, transaction
from domain.vault import Vault, new_key_setting
from gateway.settings import Settings

BATCH = 2_000


class KeysSetByHand(Conflict):
    """WUYE_DATA_KEYS is set where this program does not write."""

    code = "data_keys_set_by_hand"


class StackHasOldKeys(Conflict):
    """The running stack was started before the new key: it could not read what we seal."""

    code = "stack_has_old_keys"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What was sealed again. `unreadable_*`: ids of rows whose key is missing, left as they were."""

    key: str
    old_keys: tuple[str, ...]
    people: int
    records: int
    workbooks: int
    unreadable_people: tuple[int, ...]
    unreadable_workbooks: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing in the database needs an older key any more."""
        return not self.unreadable_people and not self.unreadable_workbooks

    def as_json(self) -> dict[str, Any]:
        """Plain JSON for machines."""
        return {**asdict(self), "complete": self.complete}


def new_entry(config: Settings) -> str:
    """A fresh `id:base64` entry with an id that no configured key has."""
    known = _configured(config)
    return Vault.from_setting(known).new_entry() if known else new_key_setting()


def install(config: Settings) -> str:
    """Put a new key in front in `secrets.env`; its id. Refused where a person sets the keys."""
    if config.data_keys is not None or not is_embedded(config):
        raise KeysSetByHand(
            "WUYE_DATA_KEYS 是您自己设置的，请用 wuye keys new 得到新密钥，自己放到最前面。"
        )
    home = Home.at(config.home).make()
    secrets.ensure(home, config)
    entry = new_entry(config)
    secrets.put_in_front(home, entry)
    return entry.partition(":")[0]


def rotate(office: OpenOffice, *, say: Callable[[str], None], batch: int = BATCH) -> Rotation:
    """Seal everything again that is not sealed with the current key, a batch per transaction.

    May be killed and run again: a batch is done or not. `say` hears how far it is.
    """
    _refuse_behind_a_stack(Home.at(office.settings.home))
    with snapshot(office.engine) as session:
        people = rotation.people_behind(session, office.vault)
        books = rotation.workbooks_behind(session, office.vault)
    done = [_people(office, people[i : i + batch], say) for i in range(0, len(people), batch)]
    with transaction(office.engine) as session:
        forgotten = rotation.forget_undone(session)
    unreadable = [book for book in books if not _workbook(office, book)]
    current, *old = office.vault.key_ids
    return Rotation(
        current, tuple(old),
        people=sum(each.people for each in done),
        records=sum(each.records for each in done) + forgotten,
        workbooks=len(books) - len(unreadable),
        unreadable_people=tuple(one for each in done for one in each.unreadable),
        unreadable_workbooks=tuple(unreadable),
    )  # fmt: skip


def _people(
    office: OpenOffice, ids: Sequence[int], say: Callable[[str], None]
) -> rotation.Resealed:
    with transaction(office.engine) as session:
        done = rotation.reseal_people(session, office.vault, ids)
    say(f"已处理 {len(ids)} 人")
    return done


def _workbook(office: OpenOffice, batch: int) -> bool:
    with transaction(office.engine) as session:
        return rotation.reseal_workbook(session, office.vault, batch)


def _configured(config: Settings) -> str | None:
    if config.data_keys is not None:
        return config.data_keys.get_secret_value()
    return (
        secrets.load(Home.at(config.home)).get(secrets.DATA_KEYS) if is_embedded(config) else None
    )


def _refuse_behind_a_stack(home: Home) -> None:
    info = running(home)
    if info is None or not home.secrets.exists():
        return
    changed = datetime.fromtimestamp(home.secrets.stat().st_mtime, UTC)
    if changed > datetime.fromisoformat(info.started_at):
        raise StackHasOldKeys("正在运行的系统还不知道新密钥，请先重新启动它（wuye up），再轮换。")
