"""A real plant for tests: its own database, broker, workers and scheduler."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg2
import redis

from core import broker
from tests.portal_process import ROOT, environment, eventually, free_port

WORKER_OPTIONS = ["-Q", "interactive,data,train", "-O", "fair"]
QUIET = ["--without-mingle", "--without-gossip", "--loglevel=INFO"]


@dataclass
class Databases:
    """Databases for plants: copies of one that was migrated once."""

    folder: Path
    server: str = field(default_factory=lambda: os.environ.get("DATABASE_URL", ""))
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.template = self._create(None)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--skip-checks", "-v0"],
            cwd=ROOT,
            env=environment(
                DATABASE_URL=self.template,
                SECRET_KEY="x" * 50,
                DATA_DIR=str(self.folder),
            ),
            check=True,
        )

    @property
    def is_postgres(self) -> bool:
        return self.server.startswith("postgres")

    def new(self) -> str:
        """Return the address of a fresh, migrated database."""
        return self._create(self.template)

    def _create(self, template: str | None) -> str:
        name = f"plant_{secrets.token_hex(6)}"
        self.names.append(name)
        if not self.is_postgres:
            path = self.folder / f"{name}.sqlite3"
            if template:
                shutil.copy(template.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        source = urlsplit(template).path[1:] if template else "template0"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{name}"))

    def _execute(self, statement: str) -> None:
        connection = psycopg2.connect(self.server)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def drop(self) -> None:
        for name in self.names if self.is_postgres else ():
            self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass
class Plant:
    """Everything a job needs to run, and the means to break it."""

    folder: Path
    database_url: str
    lease_seconds: float = 3.0
    tick_seconds: float = 1.0
    secret: str = field(default_factory=lambda: secrets.token_hex(8))
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[Any]] = field(default_factory=list)
    standing: "Worker | None" = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = environment(
            DATABASE_URL=self.database_url,
            BROKER_URL=broker.url(self.port, self.secret),
            SECRET_KEY="x" * 50,
            DATA_DIR=str(self.folder / "data"),
            JOB_LEASE_SECONDS=str(self.lease_seconds),
            JOB_TICK_SECONDS=str(self.tick_seconds),
            DJANGO_SETTINGS_MODULE="mlops_portal.settings",
            CELERY_SKIP_CHECKS="1",
        )
        self.start_broker()
        self.control = self._start(
            ["-m", "tests.core.jobs.control"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.control.stdin
        assert self.control.stdout
        self.requests, self.answers = self.control.stdin, self.control.stdout
        assert self.answers.readline() == '"ready"\n', self.log()
        self.ask("person")

    # Processes

    def start_broker(self) -> None:
        self.broker = broker.start(
            self.folder, self.port, self.secret, persistent=False
        )
        self.redis = redis.Redis.from_url(self.environment["BROKER_URL"])
        eventually(self._broker_answers)

    def _broker_answers(self) -> bool:
        try:
            return self.redis.ping()
        except redis.ConnectionError:
            return False

    def stop_broker(self) -> None:
        self.broker.kill()
        self.broker.wait()

    def start_worker(self, *, concurrency: int = 2, wait: bool = True) -> "Worker":
        before = self.log().count(" ready.")
        process = self._start(
            [
                *["-m", "celery", "-A", "mlops_portal", "worker"],
                *[*WORKER_OPTIONS, *QUIET, "-c", str(concurrency)],
                *["-n", f"w{len(self.processes)}@%h"],
                *["-I", "tests.core.jobs.plant_tasks"],
            ]
        )
        if wait:
            eventually(lambda: self.log().count(" ready.") > before)
        return Worker(process)

    def standing_worker(self) -> "Worker":
        """Return the worker that tests share; start it if there is none alive."""
        if self.standing is None or self.standing.process.poll() is not None:
            self.standing = self.start_worker()
        return self.standing

    def dismiss_worker(self) -> None:
        """End the worker that tests share."""
        if self.standing is not None:
            self.standing.kill()
        self.standing = None

    def start_plain_worker(self) -> "Worker":
        """Start a worker of plain Celery, the control of the chaos test."""
        app = ["-m", "celery", "-A", "tests.chaos.plain", "worker", "-c", "2"]
        return Worker(self._start([*app, *QUIET, "-n", f"p{len(self.processes)}@%h"]))

    def start_scheduler(self) -> subprocess.Popen[Any]:
        return self._start(
            ["-m", "celery", "-A", "mlops_portal", "beat", "--pidfile=", "-l", "INFO"]
        )

    def _start(self, arguments: list[str], **options: Any) -> subprocess.Popen[Any]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                start_new_session=True,
                **{"stdout": log, "stderr": log} | options,
            )
        self.processes.append(process)
        return process

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        for process in self.processes:
            for each in family(process.pid):
                each.kill()
            process.kill()
        for process in self.processes:
            process.wait()
        self.stop_broker()

    # Jobs

    def ask(self, function: str, /, **arguments: Any) -> Any:
        """Call a function of `control_functions` in the control process."""
        self.requests.write(json.dumps([function, arguments]) + "\n")
        self.requests.flush()
        line = self.answers.readline()
        assert line, self.log()
        told = json.loads(line)
        assert "error" not in told, told["error"]
        return told["answer"]

    def start(self, kind: str, **arguments: Any) -> str:
        return self.ask("start", kind=kind, **arguments)

    def compute(self, function: str, project_id: int = 1, **arguments: Any) -> str:
        return self.start(
            "plant_compute",
            project_id=project_id,
            function=function,
            arguments=arguments,
        )

    def row(self, job: str) -> dict[str, Any]:
        return self.ask("row", job_id=job)

    def wait_for(self, job: str, *states: str, **facts: Any) -> dict[str, Any]:
        """Return the job's row once its state is one of `states` and `facts` hold."""
        last: dict[str, Any] = {}

        def reached() -> bool:
            last.update(self.row(job))
            return last["state"] in states and all(
                last[name] == value for name, value in facts.items()
            )

        try:
            eventually(reached)
        except AssertionError:
            raise AssertionError(f"{last}\n{self.log()[-5000:]}") from None
        return last

    def holder(self, job: str, note: str = "under way") -> psutil.Process:
        """Return the pool process that holds a job whose child has reported `note`."""
        row = self.wait_for(job, "running", note=note)
        return psutil.Process(int(row["owner"].rpartition(":")[2]))

    def effects(self) -> dict[str, int]:
        return self.ask("effects")


@dataclass
class Worker:
    """A worker's main process."""

    process: subprocess.Popen[Any]

    @property
    def pool(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def pool_or_none(self) -> list[psutil.Process]:
        """Return its pool; nothing if it is dead already."""
        try:
            return self.pool
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop it as an operator does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def family(pid: int) -> list[psutil.Process]:
    """Return the processes below `pid`."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def gone(processes: list[psutil.Process]) -> bool:
    """Return whether none of these runs any more."""
    return not [
        each
        for each in processes
        if each.is_running() and each.status() != psutil.STATUS_ZOMBIE
    ]


def wait_gone(processes: list[psutil.Process]) -> None:
    eventually(lambda: gone(processes))
