"""Settings: environment variables with prefix WUYE_ (also from `.env`). No secret has a default.

On the embedded default the stack generates secrets once into WUYE_HOME and passes them on as
environment variables; with an external database they must be set.
"""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, its meaning in its description (`wuye doctor` and README list them)."""

    model_config = SettingsConfigDict(env_prefix="WUYE_", env_file=".env", extra="ignore")

    environment: Literal["local", "production"] = Field(
        "local", description="local 或 production；production 下沙盒拒绝启动"
    )
    home: Path = Field(Path(".wuye"), description="本机数据目录：内置数据库、密钥、日志")
    database_url: str | None = Field(None, description="PostgreSQL 连接串；不设则用内置数据库")
    base_url: str = Field("http://127.0.0.1:8600", description="业主和员工打开页面的地址")
    secret_key: SecretStr | None = Field(None, description="签名链接用的密钥")
    data_keys: SecretStr | None = Field(
        None, description="加密身份证号和电话的密钥：编号:base64(32字节)，多把以逗号分隔，新的在前"
    )
    wecom_corp_id: str | None = Field(None, description="企业微信企业 ID；不设则使用沙盒")
    wecom_agent_id: int | None = Field(None, description="自建应用 AgentId")
    wecom_secret: SecretStr | None = Field(None, description="自建应用 Secret")
    wecom_contact_secret: SecretStr | None = Field(
        None, description="客户联系 Secret；不设则用自建应用 Secret"
    )
    wecom_token: SecretStr | None = Field(None, description="回调 Token")
    wecom_aes_key: SecretStr | None = Field(None, description="回调 EncodingAESKey")
    wecom_base_url: str = Field(
        "https://qyapi.weixin.qq.com", description="企业微信接口地址；本机沙盒时由 wuye up 设置"
    )
    wecom_oauth_url: str = Field(
        "https://open.weixin.qq.com", description="企业微信内登录的地址；本机沙盒时由 wuye up 设置"
    )
    wecom_login_url: str = Field(
        "https://login.work.weixin.qq.com", description="扫码登录的地址；本机沙盒时由 wuye up 设置"
    )
    mass_poll_seconds: int = Field(120, ge=1, description="多久查询一次群发是否已由员工发出")
    wecom_calls_per_minute: int = Field(
        9000, ge=1, description="每分钟最多调用企业微信几次（企业微信允许每个接口 1 万次）"
    )
    wecom_mass_per_day: int = Field(1, ge=1, description="一位业主一天最多几条群发")
    wecom_mass_per_month: int = Field(4, ge=1, description="一位业主一个月最多几条群发")
    owner_link_days: int = Field(90, ge=1, description="业主账单链接的有效天数")
    action_link_days: int = Field(7, ge=1, description="消息里办事链接（审批、发起任务）的有效天数")
    desk_idle_minutes: int = Field(120, ge=1, description="工作台多少分钟没有操作就要重新登录")
    desk_session_hours: int = Field(12, ge=1, description="工作台登录一次最多用几小时")


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
