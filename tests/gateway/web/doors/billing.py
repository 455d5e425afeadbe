"""Bills, bill runs, payments, imports, letters: what money and messages went through."""

from tests.gateway.web.doors.door import Door


def run(place):
    return {"run_id": place.bill.bill_run_id}


def bill(place):
    return {"bill_no": place.bill.no}


def receipt(place):
    return {"receipt_no": place.receipt_no}


def batch(place):
    return {"batch_id": place.batch.id}


def letter(place):
    return {"letter_id": place.letter.id}


NOTE = {"note": "矩阵测试"}

DOORS = [
    Door("GET", "/desk/bills", "bills.see"),
    Door("POST", "/desk/bills/search", "bills.see", form={"q": "没有这个人"}),
    Door("POST", "/desk/bills/export", "bills.see", form={"purpose": "矩阵测试用"}),
    Door("GET", "/desk/bills/{bill_no}", "bills.see", bill),
    Door("GET", "/desk/bills/{bill_no}/reverse", "bills.reverse", bill),
    Door("POST", "/desk/bills/{bill_no}/reverse", "bills.reverse", bill, form=NOTE),
    Door("GET", "/desk/payments", "payments.see"),
    Door("POST", "/desk/payments/search", "payments.see", form={"q": "没有这个人"}),
    Door("POST", "/desk/payments/export", "payments.see", form={"purpose": "矩阵测试用"}),
    Door("GET", "/desk/payments/days", "payments.see"),
    Door("GET", "/desk/payments/{receipt_no}", "payments.see", receipt),
    Door("GET", "/desk/payments/{receipt_no}/receipt", "payments.see", receipt),
    Door("GET", "/desk/payments/{receipt_no}/refund", "payments.refund", receipt),
    Door("POST", "/desk/payments/{receipt_no}/refund", "payments.refund", receipt),
    Door("GET", "/desk/runs", "bills.see"),
    Door("POST", "/desk/runs/export", "bills.see", form={"purpose": "年度核对"}),
    Door("GET", "/desk/runs/{run_id}", "bills.see", run),
    Door("GET", "/desk/runs/{run_id}/bills", "bills.see", run),
    Door("GET", "/desk/runs/{run_id}/approve", "bills.approve", run),
    Door("POST", "/desk/runs/{run_id}/approve", "bills.approve", run),
    Door("GET", "/desk/runs/{run_id}/reject", "bills.approve", run),
    Door("POST", "/desk/runs/{run_id}/reject", "bills.approve", run, form=NOTE),
    Door("POST", "/desk/runs/{run_id}/wake", "bills.approve", run),
    Door("GET", "/desk/runs/{run_id}/reverse", "bills.reverse", run),
    Door("POST", "/desk/runs/{run_id}/reverse", "bills.reverse", run, form=NOTE),
    Door("GET", "/desk/letters", "letters.handle"),
    Door("POST", "/desk/letters/search", "letters.handle", form={"q": "李"}),
    Door("POST", "/desk/letters/export", "letters.handle", form={"purpose": "年度核对"}),
    Door("GET", "/desk/letters/{letter_id}", "letters.handle", letter),
    Door("POST", "/desk/letters/{letter_id}/again", "letters.handle", letter),
    Door("GET", "/desk/imports", "imports.apply"),
    Door("POST", "/desk/imports/search", "imports.apply", form={"q": "业主"}),
    Door("POST", "/desk/imports/export", "imports.apply", form={"purpose": "年度核对"}),
    Door("GET", "/desk/imports/new", "imports.apply"),
    Door("GET", "/desk/imports/template", "imports.apply"),
    Door("POST", "/desk/imports", "imports.apply",
         form=lambda place: {"community": place.office.community.id, "kind": "owners"}),
    Door("GET", "/desk/imports/{batch_id}", "imports.apply", batch),
    Door("POST", "/desk/imports/{batch_id}/check", "imports.apply", batch),
    Door("GET", "/desk/imports/{batch_id}/apply", "imports.apply", batch),
    Door("POST", "/desk/imports/{batch_id}/apply", "imports.apply", batch),
    Door("GET", "/desk/imports/{batch_id}/undo", "imports.apply", batch),
    Door("POST", "/desk/imports/{batch_id}/undo", "imports.apply", batch),
    Door("POST", "/desk/imports/{batch_id}/annotated", "imports.apply", batch),
]  # fmt: skip
