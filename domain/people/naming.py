"""What a name says about who bears it."""

import re

_COMPANY = re.compile(
    r"公司|集团|银行|合作社|事务所|委员会|居委会|村委会|学校|医院|中心$|厂$|店$|局$|行$"
)


def is_company(name: str) -> bool:
    """Whether the name is that of an organisation rather than of a human being."""
    return _COMPANY.search(name) is not None
