"""`python -m tests.flows.run_bill_run`: one run of the flow, as a worker would execute it.

Without heartbeats: their thread keeps a run for up to a second after its end.
"""

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.bill_run import BillRunForm, bill_run

if __name__ == "__main__":
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        bill_run(BillRunForm(community="翠湖花园", month="2026-11"))
