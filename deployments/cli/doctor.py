"""`wuye doctor`: what is configured, reachable, missing."""

from dataclasses import asdict
from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit
from gateway.settings import settings

app = typer.Typer()


@app.command()
def doctor(*, as_json: Annotated[bool, AsJson] = False) -> None:
    """说明哪些已配置、能连上，哪些还缺；不改动也不启动任何东西。有问题时退出码为 1，数据库比程序新时为 2。"""
    from deployments.doctor import examine, list_settings, sign

    findings = examine(settings())
    seen = list_settings(settings())
    lines = [f"{sign(finding.state)} {finding.says}" for finding in findings]
    lines += ["", "设置（环境变量或 .env，✓ 为已设置）："]
    lines += [f"{'✓' if each.set else '·'} {each.name}  {each.description}" for each in seen]
    result = {
        "ok": all(finding.state != "problem" for finding in findings),
        "checks": [asdict(finding) for finding in findings],
        "settings": [asdict(each) for each in seen],
    }
    refused = next((finding for finding in findings if finding.refusal), None)
    if refused:
        result["error"] = {"code": refused.refusal, "message": refused.says}
    emit(result, "\n".join(lines), as_json=as_json)
    if not result["ok"]:
        raise typer.Exit(2 if refused else 1)
