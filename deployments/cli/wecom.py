"""`wuye wecom …`: the app's menu, and support tools for WeCom."""

import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

import typer

from deployments.cli.output import AsJson, emit
from domain.errors import BackOfficeError, Invalid
from gateway.wecom import crypto

app = typer.Typer(help="企业微信：应用菜单，离线核对回调", no_args_is_help=True)

REFUSED = 2


@app.callback()
def wecom() -> None:
    """企业微信的应用菜单和支持工具。"""


@app.command("menu")
def menu_(*, as_json: Annotated[bool, AsJson] = False) -> None:
    """设置应用底部的菜单：工作台、收费、出账和审批、发起任务等；再运行一次就是更新。"""
    from deployments import app_menu
    from deployments.office import open_office

    with open_office() as office:
        told = app_menu.set_up(office)
    names = "、".join(entry["name"] for entry in told["menu"])
    emit(told, f"应用 {told['agent_id']} 的菜单已设好：{names}。", as_json=as_json)


@app.command()
def decrypt(
    token: Annotated[str, typer.Option(help="回调 Token")],
    aes_key: Annotated[str, typer.Option(help="回调 EncodingAESKey，43 位")],
    corp_id: Annotated[str, typer.Option(help="企业 ID")],
    msg_signature: Annotated[str, typer.Option(help="地址里的 msg_signature")],
    timestamp: Annotated[str, typer.Option(help="地址里的 timestamp")],
    nonce: Annotated[str, typer.Option(help="地址里的 nonce")],
    file: Annotated[str | None, typer.Argument(help="回调内容的文件；- 为标准输入")] = None,
    echostr: Annotated[str | None, typer.Option(help="验证地址时的 echostr")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象")] = False,
) -> None:
    """离线验签并解密一条回调，不检查时间。"""
    try:
        encrypted = _encrypted(echostr, file)
        message = crypto.decrypt_callback(
            token, aes_key, corp_id, msg_signature, timestamp, nonce, encrypted
        )
    except BackOfficeError as refusal:
        _refuse(refusal, as_json=as_json)
    else:
        emit({"ok": True, "message": message, "error": None}, message, as_json=as_json)


def _encrypted(echostr: str | None, file: str | None) -> str:
    """What to decrypt: the echostr (decoded once if it was copied from an address), or a body."""
    if (echostr is None) == (file is None):
        raise Invalid("请给出 --echostr，或者一个文件（- 为标准输入），二者之一")
    if echostr is not None:
        return unquote(echostr) if "%" in echostr else echostr
    return crypto.encrypted_part(_body(str(file)))


def _body(file: str) -> bytes:
    limit = crypto.MAX_XML_BYTES + 1
    if file == "-":
        return sys.stdin.buffer.read(limit)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(limit)
    except OSError:
        raise Invalid("读不到这个文件，请核对路径") from None


def _refuse(refusal: BackOfficeError, *, as_json: bool) -> None:
    error: dict[str, object] = {"code": refusal.code, "message": refusal.message}
    if isinstance(refusal, crypto.CallbackRefused):
        error["number"] = refusal.number
    if as_json:
        emit({"ok": False, "message": None, "error": error}, "", as_json=True)
    else:
        typer.echo(refusal.message, err=True)
    raise typer.Exit(REFUSED)
