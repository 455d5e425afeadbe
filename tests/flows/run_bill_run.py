"""`python -m tests.flows.run_bill_run`: one run of the flow, as a worker would execute it."""

from flows.bill_run import BillRunForm, bill_run

if __name__ == "__main__":
    bill_run(BillRunForm(community="翠湖花园", month="2026-11"))
