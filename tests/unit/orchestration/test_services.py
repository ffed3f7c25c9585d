import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from passerelle.errors import ConfigError, PasserelleError
from passerelle.orchestration import services, up
from passerelle.orchestration.services import Service

# A service whose child leaves the process group, ignores the request to end, and outlives its parent.
STUBBORN = (
    "import os, signal, subprocess, sys, time\n"
    "child = 'import os, signal, time; os.setpgid(0, 0); signal.signal(signal.SIGTERM, signal.SIG_IGN)\\n'"
    "'print(os.getpid(), flush=True); time.sleep(300)'\n"
    "subprocess.Popen([sys.executable, '-c', child])\n"
    "time.sleep(300)\n"
)


@pytest.fixture
def stubborn(tmp_path: Path) -> Iterator[Service]:
    log = tmp_path / "stubborn.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=output, start_new_session=True)
    while not log.read_text().strip():
        time.sleep(0.05)
    yield Service("stubborn", process, log)
    for left in [process.pid, int(log.read_text())]:
        if psutil.pid_exists(left):
            os.kill(left, signal.SIGKILL)
    process.wait()


def test_stopping_leaves_no_orphan(stubborn: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "STOPS_WITHIN_SECONDS", 1)
    child = psutil.Process(int(stubborn.log.read_text()))
    assert child.is_running()
    services._stop([stubborn])
    assert stubborn.process.returncode == -signal.SIGTERM
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_service_that_ends_by_itself_is_named_with_its_log(stubborn: Service) -> None:
    services._refuse_ended([stubborn])
    stubborn.process.kill()
    stubborn.process.wait()
    with pytest.raises(PasserelleError, match="stubborn ended with code -9") as refused:
        services._refuse_ended([stubborn])
    assert str(stubborn.log) in refused.value.fix


def test_a_taken_port_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("PASSERELLE_MLFLOW_PORT", str(port))
        with pytest.raises(ConfigError, match=f"port {port} is taken") as refused:
            up("ai_school", console=Console(stderr=True))
    assert "PASSERELLE_MLFLOW_PORT" in refused.value.fix
    assert not (tmp_path / "airflow" / "airflow.db").exists()
