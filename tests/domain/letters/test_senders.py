"""Who signs an owner's message: the community's own name, else the company's, else its full name."""

from domain.letters import contents, outbox
from domain.letters.model import Channel
from domain.letters.rack import due


def signed(office) -> str:
    [letter] = due(office.session, Channel.MASS_MESSAGE, at=office.at, limit=9)
    return contents.look_up(office.session, [letter])[letter.id]["sender"]


def test_the_nearest_name_signs(office):
    bill = office.bill(office.room(), 10_000)
    outbox.put(
        office.session, "bill.issued", key="k", community_id=office.community.id,
        person_id=bill.payer_id, facts={"run": bill.bill_run_id}, at=office.at,
    )  # fmt: skip
    assert signed(office) == "安心物业"
    office.company.sender_name = "安心"
    office.session.flush()
    assert signed(office) == "安心"
    office.community.sender_name = "翠湖服务中心"
    office.session.flush()
    assert signed(office) == "翠湖服务中心"
