"""Why a letter waits, in a sentence a clerk can pass on."""

from collections.abc import Iterable, Mapping

from domain.letters import waiting
from domain.letters.reading import UNDER_WAY, LetterRow
from domain.letters.waiting import Quota, Wait, Why
from gateway.web.sessions import Desk
from gateway.wecom.words import moment

SENTENCES: Mapping[Why, str] = {
    "to_press": "等{who}点发送：{since}已交到企业微信，在“客户联系 → 群发助手”里点了“发送”，业主才会收到",
    "in_hand": "正在交给企业微信，几秒内有结果",
    "channel_rests": "企业微信暂时不收：{note}。到{until}自动再试，不用重新发送",
    "another_to_press": "这位业主还有一条群发在等{who}点发送（{since}交过去的）；"
    "点了以后{until}再和其他在等的消息合成一条发",
    "another_under_way": "这位业主还有一条群发刚交出去，结果还不知道；{until}再发这一条",
    "had_one_today": "这位业主今天已有一条群发，每人每天最多 {day} 条；{until}和其他在等的消息合成一条发",
    "had_enough_this_month": "这位业主本月的群发已满 {month} 条；{until}再发。急的话请打电话或打印纸质账单",
    "tried_before": "上次没有发成：{note}。{until}自动再试",
    "later": "排到{until}再发",
    "next": "排在待发里，马上就发",
    "nobody_delivers": "早就该发了（{since}），投递好像停了；请管理员看“后台任务”里的“投递消息”",
}
NEXT_MORNING = "明天早上"


def sentences(desk: Desk, letters: Iterable[LetterRow]) -> dict[int, str]:
    """For those of the letters that wait: why, who can do something, and when it goes on."""
    under_way = [one.id for one in letters if one.status in UNDER_WAY]
    if not under_way:
        return {}
    quota = Quota(desk.config.wecom_mass_per_day, desk.config.wecom_mass_per_month)
    found = waiting.reasons(desk.session, under_way, quota=quota, at=desk.at)
    return {letter_id: sentence(wait, quota) for letter_id, wait in found.items()}


def sentence(wait: Wait, quota: Quota) -> str:
    """One reason in words."""
    return SENTENCES[wait.why].format(
        who=wait.who or "同事",
        note=wait.note.rstrip("。"),
        since=moment(wait.since) if wait.since else "刚才",
        until=moment(wait.until) if wait.until else NEXT_MORNING,
        day=quota.per_day,
        month=quota.per_month,
    )
