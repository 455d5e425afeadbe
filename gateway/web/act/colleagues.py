"""同步员工 as somebody starts it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from gateway.web.act.weighing import Weighing


def weigh(_session: Session, parameters: Mapping[str, Any], _community_id: int | None) -> Weighing:
    """Who is affected is known only when WeCom has answered; what it does to them is known now."""
    form = parameters.get("form") or {}
    if form.get("preview"):
        return Weighing("看看按企业微信通讯录同步会有什么变化，不改任何员工")
    notes = ["企业微信里已经没有的同事会停用，并马上退出登录；岗位按标签和部门调整。"]
    if form.get("force"):
        notes.append("选了强制执行：即使超过三分之一的人会离开也照做。请先用「只看不改」确认过。")
    return Weighing("按企业微信通讯录更新全部员工和岗位", notes=tuple(notes))
