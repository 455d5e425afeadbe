"""Tells the sandbox which company and app it plays: those of the stack's settings."""

from collections.abc import Mapping

from deployments.stack.rest import call


def seed(url: str, environment: Mapping[str, str], *, gateway: str) -> None:
    """Safe at every start: it adds or updates, and keeps what people did on their phones."""
    app = {
        "agent_id": int(environment["WUYE_WECOM_AGENT_ID"]),
        "secret": environment["WUYE_WECOM_SECRET"],
        "name": "物业助手",
        "customer_contact": True,
        "callback": {
            "url": f"{gateway}/wecom/callback",
            "token": environment["WUYE_WECOM_TOKEN"],
            "aes_key": environment["WUYE_WECOM_AES_KEY"],
        },
    }
    company = {"corp_id": environment["WUYE_WECOM_CORP_ID"], "corp_name": "安居物业"}
    call("POST", f"{url}/_sandbox/seed", {**company, "apps": [app]})
