"""A warm start behaves as `python -m`, and falls back to it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deployments.stack.ending import still_alive
from deployments.warm import preload

PROJECT = Path(__file__).parents[2]
CLIENT = PROJECT / "deployments" / "warm" / "client.py"
SERVER = """
import sys
from deployments.warm import preload, server
preload.LIBRARIES = ("json",)  # the real list costs seconds
preload.PROJECT = __import__("pathlib").Path(sys.argv[2])
sys.path.insert(0, sys.argv[2])
preload._our_modules = lambda: ["watched"]
server.main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("warm")
    (made / "watched.py").touch()
    return made


@pytest.fixture
def server(folder: Path) -> Iterator[Path]:
    path = folder / "s"
    command = [sys.executable, "-c", SERVER, str(path), str(folder)]
    process = subprocess.Popen(command, cwd=PROJECT)
    deadline = time.monotonic() + 20
    while not path.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield path
    process.kill()
    process.wait()
    path.unlink()


def write(folder: Path, name: str, text: str) -> str:
    (folder / f"{name}.py").write_text(text)
    return name


def start(socket: Path, folder: Path, *command: str, **env: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(CLIENT), str(socket), *command],
        cwd=folder,
        env={**os.environ, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


TELL = """
import os, sys
print(sys.argv[1:], input(), os.environ["WORD"], os.getcwd(), "json" in sys.modules, __name__)
print("to stderr", file=sys.stderr)
sys.exit(7)
"""


@pytest.mark.parametrize("warm", [True, False])
def test_files_folder_environment_arguments_and_exit_code_are_the_callers(
    server: Path, folder: Path, warm: bool
) -> None:
    module = write(folder, "tell", TELL)
    run = start(server if warm else folder / "nobody", folder, module, "a", "b", WORD="青山")
    out, err = run.communicate("hello\n", timeout=20)
    assert out == f"['a', 'b'] hello 青山 {folder} {warm} __main__\n"
    assert err == "to stderr\n"
    assert run.returncode == 7


def test_a_crash_shows_its_trace_and_the_next_run_is_untouched(server: Path, folder: Path) -> None:
    broken = start(server, folder, write(folder, "broken", "raise ValueError('oh')"))
    _, trace = broken.communicate(timeout=20)
    assert (broken.returncode, "ValueError: oh" in trace) == (1, True)
    fine = start(server, folder, write(folder, "fine", "print(1)"))
    assert fine.communicate(timeout=20)[0] == "1\n"


SLEEPER = "import os, time; print(os.getpid(), flush=True); time.sleep(100)"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_the_one_ends_the_other(
    server: Path, folder: Path, number: signal.Signals
) -> None:
    run = start(server, folder, write(folder, "sleeper", SLEEPER))
    assert run.stdout is not None
    forked = psutil.Process(int(run.stdout.readline()))
    run.send_signal(number)
    run.communicate(timeout=10)
    assert run.returncode == -number
    assert still_alive([forked], 5) == []


def test_kill_9_of_the_fork_is_reported_as_such(server: Path, folder: Path) -> None:
    run = start(server, folder, write(folder, "sleeper", SLEEPER))
    assert run.stdout is not None
    os.kill(int(run.stdout.readline()), signal.SIGKILL)
    run.communicate(timeout=10)
    assert run.returncode == -signal.SIGKILL


ASKED = """
import os, sys
print(sys.argv[1:], 'watched' in sys.modules, os.environ['WANTED'], flush=True)
raise SystemExit(7)
"""


def test_the_worker_grows_from_a_fork_that_was_made_before_our_modules(
    server: Path, folder: Path
) -> None:
    (folder / "prefect.py").write_text(ASKED)
    worker = ("prefect", "worker", "start")
    for early in ("False", "True"):  # a second worker is an ordinary fork
        run = start(server, folder, *worker, WANTED="x", PYTHONPATH="")
        assert run.communicate(timeout=20)[0] == f"['worker', 'start'] {early} x\n"
        assert run.returncode == 7


def test_edited_code_is_run_from_disk(server: Path, folder: Path) -> None:
    module = write(folder, "loaded", "import sys; print('json' in sys.modules)")
    assert start(server, folder, module).communicate(timeout=20)[0] == "True\n"
    os.utime(folder / "watched.py", (1, 1))
    assert start(server, folder, module).communicate(timeout=20)[0] == "False\n"


MISSING = """
from importlib.util import find_spec
from deployments.warm.preload import LIBRARIES
print([name for name in LIBRARIES if find_spec(name) is None])
"""


def test_what_is_preloaded_exists() -> None:
    command = [sys.executable, "-c", MISSING]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout == "[]\n"


def test_a_changed_or_vanished_file_is_noticed(tmp_path: Path) -> None:
    at = CLIENT.stat().st_mtime_ns
    assert not preload.changed({CLIENT: at})
    assert preload.changed({CLIENT: at - 1})
    assert preload.changed({tmp_path / "gone.py": at})
