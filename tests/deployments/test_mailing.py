"""`wuye letters`: the rack, a letter sent again, a delivery by hand."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from deployments import mailing
from deployments.office import OpenOffice
from domain.errors import NotAllowedNow, NotPermitted
from domain.letters import counting
from domain.letters.bell import bell
from domain.session import transaction
from domain.staff.model import Staff
from domain.vault import Vault
from flows.delivery.service import AlreadyDelivering
from tests.flows.delivery.rack import Rack, settings_for
from tests.support.sandbox import SandboxServer


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def rack(engine: Engine, running: SandboxServer, vault: Vault) -> Rack:
    running.reset()
    running.seed_office()
    rack = Rack(engine, running, vault)
    rack.real_time()
    return rack


@pytest.fixture
def office(rack: Rack, vault: Vault) -> OpenOffice:
    return OpenOffice(rack.engine, settings_for(rack.sandbox), vault)


def test_a_dead_letter_is_listed_with_its_reason_and_sent_again(rack: Rack, office) -> None:
    rack.change(Staff, rack.staff["lisi"], wecom_userid=None)
    letter = rack.note()
    rack.put("letters.press_send", staff_id=rack.staff["zhaoliu"], facts={})
    assert mailing.deliver_once(office).dead == 2
    found = mailing.listing(office, failed=True, community="翠湖花园", limit=10)
    assert found["counts"]["failed"] == 2
    assert [row["id"] for row in found["letters"]][1] == letter
    assert "请在员工资料里补上" in mailing.in_words(found)
    rack.change(Staff, rack.staff["lisi"], wecom_userid="lisi")
    assert mailing.send_again(office, letter, login="manager") == {
        "letter": letter, "status": "queued",
    }  # fmt: skip
    assert mailing.deliver_once(office).sent == 1
    assert rack.history(letter) == ["claim", "fail", "requeue", "claim", "deliver"]
    assert mailing.listing(office, failed=True, community=None, limit=10)["counts"]["sent"] == 1


def test_a_letter_that_waits_says_why(rack: Rack, office) -> None:
    rack.note()
    rack.sandbox.faults({"path": "message/send", "errcode": 60020})
    mailing.deliver_once(office)
    found = mailing.listing(office, failed=False, community=None, limit=10)
    assert "可信 IP" in found["letters"][0]["waits"]
    assert "待发送：企业微信暂时不收" in mailing.in_words(found)


def test_sending_again_is_refused_in_words(rack: Rack, office) -> None:
    letter = rack.note()
    with pytest.raises(NotAllowedNow, match="待发送"):
        mailing.send_again(office, letter, login="manager")
    with pytest.raises(NotPermitted, match="处理未送达的消息"):
        mailing.send_again(office, letter, login="lisi")
    with pytest.raises(mailing.LetterNotFound):
        mailing.send_again(office, 0, login="manager")


def test_beside_a_running_deliverer_the_command_says_so(rack: Rack, office) -> None:
    with bell(rack.engine), pytest.raises(AlreadyDelivering, match="已有一个投递在运行"):
        mailing.deliver_once(office)


def test_held_letters_are_counted_apart(rack: Rack) -> None:
    rack.bill("wm1")
    rack.deliver()
    rack.bill("wm1")
    rack.bill("wm2")
    rack.deliver()
    with transaction(rack.engine) as session:
        assert counting.owner_letters(session) == {"awaiting_staff": 2, "held": 1}
