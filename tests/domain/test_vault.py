"""Person data at rest: sealed so that nothing can be read or forged, found again by its index."""

import pytest

from domain.people.masking import mask_id_number, mask_phone
from domain.vault import DataKeysInvalid, Vault, new_key_setting

PHONE = "17400000001"
OLD, NEW = new_key_setting("k1"), new_key_setting("k2")


def of(*keys: str) -> Vault:
    return Vault.from_setting(",".join(keys))


def test_what_is_sealed_says_nothing_and_opens_again() -> None:
    vault = of(OLD)
    one, other = vault.seal(PHONE), vault.seal(PHONE)
    assert PHONE.encode() not in one
    assert one != other, "equal phones do not look equal"
    assert vault.open(one) == vault.open(other) == PHONE


@pytest.mark.parametrize("byte", [0, 3, 10, 20, -1])
def test_a_single_changed_byte_is_refused(byte: int) -> None:
    forged = bytearray(of(OLD).seal(PHONE))
    forged[byte] ^= 1
    with pytest.raises(DataKeysInvalid):
        of(OLD).open(bytes(forged))


@pytest.mark.parametrize("cut", [b"", b"k1", b"k1\0", b"k1\0short"])
def test_what_was_never_sealed_is_refused(cut: bytes) -> None:
    with pytest.raises(DataKeysInvalid):
        of(OLD).open(cut)


def test_an_old_key_still_opens_and_a_foreign_one_does_not() -> None:
    sealed = of(OLD).seal(PHONE)
    assert of(NEW, OLD).open(sealed) == PHONE
    with pytest.raises(DataKeysInvalid):
        of(NEW).open(sealed)
    with pytest.raises(DataKeysInvalid):
        of(new_key_setting("k1")).open(sealed)


def test_the_index_is_the_same_for_the_same_number_under_one_key_only() -> None:
    assert of(OLD).blind(PHONE) == of(OLD).blind(PHONE)
    assert of(OLD).blind(PHONE) != of(NEW).blind(PHONE)
    assert of(NEW, OLD).blinds(PHONE) == [of(NEW).blind(PHONE), of(OLD).blind(PHONE)]


@pytest.mark.parametrize(
    "setting", ["", "k1", "k1:", "k1:AAAA", ":" + "A" * 43 + "=", "k1:不是密钥"]
)
def test_keys_that_are_none(setting: str) -> None:
    with pytest.raises(DataKeysInvalid):
        of(setting)


@pytest.mark.parametrize(
    ("number", "shown"),
    [(PHONE, "174****0001"), ("01012345678", "010****5678"), ("95588", "***88"), ("", "")],
)
def test_phones_are_shown_masked(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


def test_id_numbers_are_shown_masked() -> None:
    assert mask_id_number("11020019860731785X") == "110***********785X"
