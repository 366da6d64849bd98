"""What docker-compose.yml, the Dockerfile and .env.example promise, held to the code."""

import ast
import re
import subprocess
import sys
import tomllib

import psutil
import pytest
import yaml

from tests.portal_process import (
    PATIENCE_SECONDS,
    ROOT,
    environment,
    eventually,
    free_port,
    manage,
)

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OWN = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service["image"] == "mlops-portal"
}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def settings_read():
    """Return each variable settings.py reads, with its default if that is plain."""
    tree = ast.parse((ROOT / "mlops_portal" / "settings.py").read_text())
    found = {"SECRET_KEY": None}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if ast.unparse(node.func.value) == "env" and isinstance(
            node.args[0], ast.Constant
        ):
            default = node.keywords[0].value if node.keywords else None
            plain = isinstance(default, ast.Constant)
            found[node.args[0].value] = default.value if plain else None
    return found


def example_says():
    lines = (ROOT / ".env.example").read_text().splitlines()
    matches = (re.fullmatch(r"#([A-Z_]+)=(.*)", line) for line in lines)
    return dict(match.groups() for match in matches if match)


def test_env_example_names_every_variable_and_no_other():
    assert set(example_says()) == set(settings_read())


def test_env_example_shows_the_plain_defaults():
    shown = example_says()
    words = {True: "on", False: "off"}
    for name, default in settings_read().items():
        if default is not None:
            expected = words[default] if isinstance(default, bool) else default
            assert shown[name] == str(expected), name


def test_compose_runs_web_worker_scheduler_and_a_migration_first():
    assert set(OWN) == {"migrate", "web", "worker", "interactive", "scheduler"}
    for name in ("web", "worker", "interactive", "scheduler"):
        ready = OWN[name]["depends_on"]
        assert ready["migrate"] == {"condition": "service_completed_successfully"}
        assert ready["broker"] == {"condition": "service_healthy"}
        assert OWN[name]["command"] == ["python", "manage.py", "serve", name]


def test_compose_knows_no_default_password():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "BROKER_PASSWORD"):
        uses = re.findall(rf"\$\{{{name}[^}}]*\}}", text)
        assert uses
        assert all(use.startswith(f"${{{name}:?") for use in uses)


def test_compose_drops_every_privilege_and_listens_on_loopback():
    for service in OWN.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["environment"]["TLS"] == "on"
    assert all(port.startswith("127.0.0.1:") for port in OWN["web"]["ports"])


def test_compose_sets_only_variables_that_settings_read():
    assert set(OWN["web"]["environment"]) <= set(settings_read())


def test_image_runs_as_nobody_in_particular_with_pinned_parts():
    instructions = [line.split(" ", 1)[0] for line in DOCKERFILE.splitlines() if line]
    assert "HEALTHCHECK" in instructions
    assert instructions.index("USER") < instructions.index("CMD")
    assert "--require-hashes -r requirements.txt" in DOCKERFILE
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    version = re.search(r"FROM python:([\d.]+)-slim", DOCKERFILE).group(1)
    assert oldest["requires-python"] == f">={version}"


def test_image_and_portal_py_pin_the_same_uv():
    pin = re.search(r'UV = "(uv==[\d.]+)"', (ROOT / "portal.py").read_text()).group(1)
    assert pin in DOCKERFILE


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """A migrated data folder and the variables of the image."""
    data = tmp_path_factory.mktemp("deployed") / "data"
    image = dict(re.findall(r"^\s*(?:ENV )?([A-Z_]+)=(\S+)", DOCKERFILE, re.MULTILINE))
    kept = {name: image[name] for name in ("TLS", "BIND")}
    variables = {
        **kept,
        "DATA_DIR": str(data),
        "STATIC_ROOT": str(data / "static"),
        "SECRET_KEY": "of-this-test-" * 5,
        "PORT": str(free_port()),
        "BROKER_URL": f"redis://127.0.0.1:{free_port()}/0",  # nobody answers there
    }
    for command in (OWN["migrate"]["command"][2:], ["collectstatic", "--noinput"]):
        changes = {key: value for key, value in variables.items() if key != "DATA_DIR"}
        done = manage(*command, data=data, **changes)
        assert done.returncode == 0, done.stderr
    return variables


@pytest.fixture
def served(deployed, tmp_path, request):
    """The process of a compose service, started by the very command compose names."""
    log = tmp_path / "log"
    command = [sys.executable, *OWN[request.param]["command"][1:]]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(**deployed), stdout=output, stderr=output
        )
    yield process, log
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()


def says(served, words):
    process, log = served

    def look():
        assert process.poll() is None, log.read_text()
        return words in log.read_text()

    return eventually(look)


@pytest.mark.broker
@pytest.mark.parametrize("served", ["web"], indirect=True)
def test_web_of_compose_passes_the_health_check_of_the_image(served, deployed):
    says(served, "Listening at")
    check = re.search(r'"-c", "(.+)"\]', DOCKERFILE).group(1)
    check = check.replace("8000", deployed["PORT"])

    def healthy():
        return not subprocess.run(
            [sys.executable, "-c", check], capture_output=True
        ).returncode

    assert eventually(healthy)


@pytest.mark.broker
@pytest.mark.parametrize("served", ["worker", "interactive"], indirect=True)
def test_worker_of_compose_starts_and_waits_for_its_broker(served):
    assert says(served, "Cannot connect to redis")
    assert "celery" in " ".join(psutil.Process(served[0].pid).cmdline())


@pytest.mark.broker
@pytest.mark.parametrize("served", ["scheduler"], indirect=True)
def test_scheduler_of_compose_starts(served):
    assert says(served, "beat: Starting")
