"""The frame of help and usage errors in Chinese; the content is written by each command."""

import re

from typer._click.exceptions import (
    BadParameter,
    ClickException,
    MissingParameter,
    NoSuchOption,
    UsageError,
)

HELP_WORDS = {
    "Usage: ": "用法：",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "Show this message and exit.": "显示这段说明。",
    "[required]": "[必填]",
    "[default: ": "[默认：",
}
VALUES = {
    r"valid integer": "请填整数",
    r"greater than or equal to (\S+)": r"最小 \1",
    r"less than or equal to (\S+)": r"最大 \1",
}
HEADINGS = {"Options:": "选项：", "Commands:": "命令：", "Arguments:": "参数："}


def in_chinese(text: str) -> str:
    """Help text with the library's English frame replaced."""
    for english, chinese in HELP_WORDS.items():
        text = text.replace(english, chinese)
    lines = (HEADINGS.get(line, line) for line in text.splitlines(keepends=False))
    return "\n".join(lines) + "\n"


def sentence(wrong: ClickException) -> str:
    """What was typed wrongly, as a sentence."""
    if isinstance(wrong, NoSuchOption):
        return f"没有 {wrong.option_name} 这个选项。"
    if isinstance(wrong, MissingParameter):
        return f"缺少{_parameter(wrong)}。"
    if isinstance(wrong, BadParameter) and wrong.param is None:
        return f"{wrong.message.rstrip('。')}。"  # a command's own words about several of them
    if isinstance(wrong, BadParameter):
        return f"{_parameter(wrong)}的值不对{_value(wrong.message)}"
    found = re.search(r"No such command '(.+?)'", wrong.message)
    if found:
        return f"没有 {found[1]} 这个命令。"
    if isinstance(wrong, UsageError) and "Missing command" in wrong.message:
        return "还要写出要做什么。"
    return f"命令写得不对：{wrong.message}"


def _parameter(wrong: BadParameter) -> str:
    if wrong.param is None:
        return "参数"
    if wrong.param.param_type_name == "option":
        return f"选项 {max(wrong.param.opts, key=len)} "
    return f"参数 {(wrong.param.name or '').upper()} "


def _value(message: str) -> str:
    """A command's own words are kept; of the library's English, what would have been right."""
    if choices := re.search(r"is not one of (.+?)\.?$", message):
        return f"，可填：{choices[1].replace(chr(39), '').replace(', ', '、')}。"
    if re.search(r"[\u4e00-\u9fff]", message):
        return f"：{message.rstrip('。')}。"
    for english, chinese in VALUES.items():
        if found := re.search(english, message):
            return f"，{found.expand(chinese)}。"
    return "。"


def settings_trouble() -> str | None:
    """What of the settings cannot be read, as a sentence; None when all can."""
    from pydantic import ValidationError

    from gateway.settings import Settings

    try:
        Settings()
    except ValidationError as wrong:
        names = dict.fromkeys(f"WUYE_{str(error['loc'][0]).upper()}" for error in wrong.errors())
        return f"设置 {'、'.join(names)} 的值不对，请改正（环境变量或 .env）；每项的意思见 README。"
    except UnicodeDecodeError:
        return "文件 .env 不是 UTF-8 编码，请用 UTF-8 另存。"
    return None
