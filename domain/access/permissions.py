"""Every permission there is, by module, with the words people see."""

MODULES: dict[str, dict[str, str]] = {
    "基础设置": {
        "company.edit": "修改企业设置",
        "rooms.see": "查看小区和房屋",
        "rooms.edit": "修改小区和房屋",
        "staff.see": "查看员工",
        "staff.edit": "管理员工账号",
        "roles.edit": "管理岗位和权限",
        "audit.see": "查看操作记录",
        "flows.watch": "查看后台运行",
    },
    "业主信息": {
        "people.see": "查看业主",
        "people.edit": "修改业主",
        "imports.apply": "导入数据",
    },
    "费用收缴": {
        "fees.see": "查看收费标准",
        "fees.edit": "修改收费标准",
        "meters.see": "查看抄表",
        "meters.edit": "录入抄表",
        "bills.see": "查看账单和金额",
        "bills.run": "发起出账",
        "bills.approve": "审批账单",
        "bills.reverse": "红冲账单",
        "payments.see": "查看收款",
        "payments.take": "收款",
        "payments.refund": "退款",
    },
    "消息": {
        "letters.handle": "处理未送达的消息",
    },
}
"""Module -> permission -> what it allows, in words."""

PERMISSIONS: dict[str, str] = {
    code: name for module in MODULES.values() for code, name in module.items()
}
