"""The sub-commands: name, module holding its Typer `app`, and one line of help."""

from dataclasses import dataclass
from importlib import import_module

import typer
from typer._click.core import Context
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Entry:
    """Where a sub-command lives. A module of one command, or of several below the name."""

    module: str
    help: str


COMMANDS = {
    "up": Entry("deployments.cli.up", "启动整套系统并保持运行，Ctrl-C 停止"),
    "demo": Entry("deployments.cli.demo", "启动并跑一遍演示小区：导入、出账、送达、收款"),
    "run": Entry("deployments.cli.runs", "在前台运行一个部分，供容器使用"),
    "flows": Entry("deployments.cli.flows", "向流程服务登记流程"),
    "doctor": Entry("deployments.cli.doctor", "说明哪些已配置、能连上，哪些还缺"),
    "db": Entry("deployments.cli.db", "数据库：升级、查看版本、备份"),
    "import": Entry("deployments.cli.imports", "导入业主、读数、收费；撤销一批导入"),
    "fee": Entry("deployments.cli.fee", "费用项目和收费标准"),
    "bills": Entry("deployments.cli.bills", "账单：出账、解释、驳回、红冲"),
    "pay": Entry("deployments.cli.pay", "柜台收款和退款"),
    "letters": Entry("deployments.cli.letters", "消息：查看未送达的、重新发送"),
    "inbox": Entry("deployments.cli.inbox", "企业微信回调：查看、重新处理"),
    "desk": Entry("deployments.cli.desk", "物业工作台的登录链接"),
    "staff": Entry("deployments.cli.staff", "添加员工和岗位"),
    "keys": Entry("deployments.cli.keys", "数据密钥：新建、轮换"),
    "check": Entry("deployments.cli.check", "核对账目"),
    "bench": Entry("deployments.cli.bench", "性能测量"),
    "wecom": Entry("deployments.cli.wecom", "企业微信：应用菜单，离线核对回调"),
}


class LazyGroup(TyperGroup):
    """Imports a sub-command's module when it is called, not when help lists it."""

    def list_commands(self, _ctx: Context) -> list[str]:
        """All of them, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _ctx: Context, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """The named one, imported now."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        made: typer.Typer = import_module(entry.module).app
        made.rich_markup_mode = None  # plain help, as ours
        made._add_completion = False  # noqa: SLF001 - or each command offers to install one
        command = typer.main.get_command(made)
        assert isinstance(command, TyperCommand | TyperGroup)
        command.name = cmd_name
        return command

    def format_commands(self, _ctx: Context, formatter: HelpFormatter) -> None:
        """From the table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def wuye() -> None:
    """物业后台的命令行。每个命令后面加 --help 看用法，加 --json 得到一个 JSON 对象。"""
