"""The keys for phones and ID numbers, for the pages that seal, find or open them."""

from functools import lru_cache

from domain.vault import DataKeysInvalid, Vault
from gateway.settings import Settings


def vault_of(config: Settings) -> Vault:
    """The vault of these settings, or DataKeysInvalid where no keys are set."""
    if config.data_keys is None:
        raise DataKeysInvalid("没有配置数据密钥（WUYE_DATA_KEYS），电话和证件号暂时不能登记或查看")
    return _vault(config.data_keys.get_secret_value())


@lru_cache(maxsize=2)
def _vault(keys: str) -> Vault:
    return Vault.from_setting(keys)
