"""The code goes out at once, past the letter rack: it lives five minutes and is kept nowhere."""

from fastapi import Request

from domain.access.codes import CodeNotSent
from gateway.web.sessions import engine_of, settings_of
from gateway.wecom.apps import staff_app
from gateway.wecom.faults import WeComFault
from gateway.wecom.messages import Text
from gateway.wecom.send import send_text
from gateway.wecom.tokens import DatabaseTokenStore


def send(request: Request, userid: str, code: str) -> None:
    """Tell the member the code, or CodeNotSent."""
    app = staff_app(settings_of(request), DatabaseTokenStore(engine_of(request)))
    said = f"登录工作台的验证码：{code}，5 分钟内有效。\n不是您本人在登录，请不要告诉任何人，并联系管理员。"
    try:
        sent = send_text(app, [userid], Text(said))
    except WeComFault as fault:
        raise CodeNotSent("验证码没有发出去，企业微信暂时没有回应，请过一会儿再试") from fault
    if sent.invalid or sent.unlicensed:
        raise CodeNotSent("企业微信里找不到这个账号对应的成员，请联系管理员")
