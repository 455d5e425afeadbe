"""Person data as it is shown by default."""


def mask_phone(phone: str) -> str:
    """`13800000000` -> `138****0000`; shorter numbers keep their last two digits."""
    if len(phone) < 7:
        return "*" * max(0, len(phone) - 2) + phone[-2:]
    return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"


def mask_id_number(number: str) -> str:
    """`11020019860731785X` -> `110***********785X`."""
    return f"{number[:3]}{'*' * max(0, len(number) - 7)}{number[-4:]}"
