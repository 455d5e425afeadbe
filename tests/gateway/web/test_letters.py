"""Why a letter has not arrived yet, told in the list and on its page."""

import io
from datetime import timedelta
from typing import get_args

from openpyxl import load_workbook

from domain.letters.model import Channel, Letter, LetterAttempt, LetterStatus, Outcome
from domain.letters.waiting import Quota, Wait, Why
from gateway.web.desk.letter_waits import SENTENCES, sentence
from tests.gateway.web.conftest import words

BRACES = ("{", "}")


def test_list_and_page_say_why_a_letter_waits(browser, scene):
    with scene() as office:
        owner = office.person("欧阳文静")
        office.bound(owner, "wm-owner")
        handed, later = (
            office._add(
                Letter(
                    community_id=office.community.id, person_id=owner.id, kind="bill.issued",
                    key=f"letter {status}", facts={}, status=status, queued_at=office.at,
                    not_before=office.at + timedelta(days=1),
                )
            )
            for status in (LetterStatus.SENDING, LetterStatus.QUEUED)
        )  # fmt: skip
        office._add(
            LetterAttempt(
                letter_id=handed.id, number=1, channel=Channel.MASS_MESSAGE, at=office.at,
                outcome=Outcome.AWAITING_STAFF, receiver="wm-owner", sender_userid="Manager",
            )
        )  # fmt: skip
    window = browser().sign_in(office.manager)
    listed = words(window.get("/desk/letters"))
    for letter, why in (
        (handed, "等周经理点发送："),
        (later, "这位业主还有一条群发在等周经理点发送"),
    ):
        page = words(window.get(f"/desk/letters/{letter.id}"))
        assert f"为什么还没到 {why}" in page
        assert why in listed


def test_letters_are_found_by_whom_they_are_for_and_taken_out_as_a_table(browser, scene, engine):
    with scene() as office:
        for name in ("欧阳文静", "潘超"):
            office._add(
                Letter(
                    community_id=office.community.id, person_id=office.person(name).id,
                    kind="bill.issued", key=name, facts={}, status=LetterStatus.QUEUED,
                    queued_at=office.at, not_before=office.at,
                )
            )  # fmt: skip
        office._add(
            Letter(
                staff_id=office.manager.id, kind="letters.dead", key="周经理", facts={},
                community_id=office.community.id, status=LetterStatus.SENT,
                queued_at=office.at, not_before=office.at,
            )
        )  # fmt: skip
    window = browser().sign_in(office.manager)
    window.get("/desk/letters")
    for asked, found in (("潘", "潘超"), ("周经理", "周经理"), ("静", "欧阳文静")):
        said = words(window.follow(window.post("/desk/letters/search", q=asked)))
        listed = said.partition("排队时间")[2]
        assert f"{found} " in listed
        assert "共 1 条消息" in listed
    sheet = load_workbook(
        io.BytesIO(window.post("/desk/letters/export", purpose="年度核对").content)
    ).active
    told = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in told[1:]] == ["周经理", "潘超", "欧阳文静"]
    assert told[2][3] == "排在待发里，马上就发"


def test_every_reason_has_a_whole_sentence(office):
    assert set(SENTENCES) == set(get_args(Why))
    for why in SENTENCES:
        for moment in (None, office.at):
            said = sentence(Wait(why, moment, "周经理", moment, "企业微信忙。"), Quota(1, 4))
            assert not any(brace in said for brace in BRACES)
            assert "。。" not in said
            assert not said.endswith("。")
