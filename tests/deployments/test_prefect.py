"""What we tell Prefect, held against Prefect's own words."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.stack import alone, environment, registration
from deployments.stack.automations import ALWAYS_ALIVE, AUTOMATIONS, ENDED, LOST_HEARTBEAT
from deployments.stack.environment import PREFECT
from deployments.stack.home import Home
from deployments.stack.ports import DEFAULT
from deployments.stack.prefect_api import job_template
from gateway.settings import Settings

PROJECT = Path(__file__).parents[2]


def test_the_pool_is_prefects_own_but_for_the_command() -> None:
    from prefect.workers.process import ProcessWorker

    theirs = ProcessWorker.get_default_base_job_template()
    ours = job_template(Path("/home/warm.sock"))
    assert ours["job_configuration"] == theirs["job_configuration"]
    assert set(ours["variables"]["properties"]) == set(theirs["variables"]["properties"])
    assert "/home/warm.sock prefect.engine" in ours["variables"]["properties"]["command"]["default"]
    cold = job_template(None)["variables"]["properties"]["command"]["default"]
    assert cold.endswith("-m prefect.engine")


def test_every_setting_we_give_prefect_is_one_it_knows() -> None:
    from prefect.settings import get_current_settings

    known = get_current_settings().to_environment_variables()
    assert {name for name in PREFECT if name.startswith("PREFECT_")} - set(known) == set()


def test_the_operators_browser_reports_to_nobody() -> None:
    """Prefect's second page carries a tracker that no setting turns off; the first has none."""
    import prefect

    def tracked(pages: Path) -> bool:
        return any("api2.amplitude.com" in each.read_text() for each in pages.rglob("*.js"))

    assert tracked(prefect.__ui_v2_static_path__), "if it is gone, the newer page may be shown"
    assert not tracked(prefect.__ui_static_path__)
    assert PREFECT["PREFECT_SERVER_UI_V2_ENABLED"] == "false"


def test_the_automations_are_ones_prefect_accepts_and_wait_for_four_heartbeats() -> None:
    from prefect.server.events.schemas.automations import AutomationCreate

    lost, _ = (AutomationCreate.model_validate(each) for each in AUTOMATIONS)
    assert lost.name == LOST_HEARTBEAT["name"]
    assert lost.trigger.model_dump()["within"].total_seconds() == 4 * int(
        PREFECT["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]
    )


def test_what_is_always_alive_is_kept_so_by_a_schedule_a_limit_and_the_automation() -> None:
    import yaml

    entries = yaml.safe_load((PROJECT / "prefect.yaml").read_text("utf-8"))["deployments"]
    alive = [
        f"{entry['entrypoint'].partition(':')[2].replace('_', '-')}/{entry['name']}"
        for entry in entries
        if any(one["slug"] == "keep-alive" for one in entry.get("schedules", []))
    ]
    assert alive == list(ALWAYS_ALIVE)
    names = ENDED["trigger"]["match_related"]["prefect.resource.name"]
    assert [f"{name}/continuous" for name in names] == alive
    assert "prefect.flow-run.Cancelled" not in ENDED["trigger"]["expect"], "it would never stop"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(PROJECT / "flows", tmp_path / "flows")
    shutil.copy(PROJECT / "prefect.yaml", tmp_path)
    monkeypatch.setattr(registration, "PROJECT", tmp_path)
    return tmp_path


def test_flows_are_registered_again_only_when_they_changed(project: Path) -> None:
    before = registration.fingerprint()
    assert registration.fingerprint() == before
    (project / "flows" / "new.py").write_text("x = 1")
    changed = registration.fingerprint()
    (project / "prefect.yaml").write_text("deployments: []")
    assert len({before, changed, registration.fingerprint()}) == 3


def test_every_declared_deployment_names_a_flow_file() -> None:
    declared = registration.declared()
    assert len(declared) >= 4
    files = {entrypoint.partition(":")[0] for entrypoint, _ in declared}
    assert [file for file in files if not (environment.PROJECT / file).exists()] == []


ADOPT = """
import sys
from pathlib import Path
import prefect.context
from deployments.stack.environment import adopt
from gateway.settings import Settings, settings
from prefect.settings import get_current_settings
config = Settings(home=Path(sys.argv[1]))
assert settings().secret_key is None
known = adopt(config)
assert known == settings() and known.secret_key and known.data_keys
print(get_current_settings().api.url, get_current_settings().home)
"""


def test_a_command_takes_the_stacks_place_although_prefect_was_imported_before(
    home: Home,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ADOPT, str(home.root)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["http://127.0.0.1:8601/api", str(home.prefect)]


@pytest.mark.parametrize(
    ("part", "last"), [("gateway", "gateway.web.app:create_app"), ("worker", "prefect")]
)
def test_a_part_can_run_alone_in_a_container(config: Settings, part: str, last: str) -> None:
    command, environment = alone.command(config, part, host="0.0.0.0", ports=DEFAULT)
    assert last in command
    assert ("0.0.0.0" in command) == (part == "gateway")
    assert "client.py" not in " ".join(command), "nobody keeps a warm interpreter there"
    assert environment["PREFECT_API_URL"]
