"""deploy/nginx.conf in the real nginx, in front of the real server."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import ROOT
from common.embedded.processes import free_port, stop_child

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx")
FRAME = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
{user}
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


@pytest.fixture(scope="module")
def nginx_port(module_serve, tmp_path_factory) -> Iterator[int]:
    """The port of an nginx that runs the shipped file, apart from its two ports."""
    server = module_serve(workers=1, PROXY_HOPS=1, TRUSTED_HOSTS="api.example,127.0.0.1")
    folder: Path = tmp_path_factory.mktemp("nginx")
    port = free_port()
    shipped = (ROOT / "deploy" / "nginx.conf").read_text()
    for before, after in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("127.0.0.1:8000", server.url.removeprefix("http://")),
    ):
        assert shipped.count(before) == 1
        shipped = shipped.replace(before, after)
    (folder / "site.conf").write_text(shipped)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, user=user))
    process = subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    assert process.poll() is None, (folder / "error.log").read_text()
    yield port
    stop_child(process, timeout=5)


def ask(port: int, target: str, host: str = "api.example") -> tuple[int, str]:
    """The status and body for a request target sent as it is, which clients would normalise."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b""
        while data := connection.recv(65536):
            answer += data
    head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
    return int(head.split()[1]), body


@pytest.mark.parametrize("target", ["/healthz", "/readyz", "/api/marketplace/tutors/"])
def test_the_service_answers_through_it(nginx_port, target):
    assert ask(nginx_port, target)[0] == 200


@pytest.mark.parametrize(
    "target",
    [
        "/metrics",
        "/metrics/",
        "/metrics%2f",
        "/metrics%2F",
        "/%6detrics",
        "//metrics",
        "/./metrics",
        "/api/../metrics",
        "/metrics?x=1",
        "/metrics;x",
        "/metrics//",
    ],
)
def test_metrics_are_closed_however_they_are_written(nginx_port, target):
    status, body = ask(nginx_port, target)
    assert status in {400, 404}
    assert "http_request_seconds" not in body


def test_an_avatar_of_five_mebibytes_passes_and_its_refusal_is_the_services_own(nginx_port):
    with socket.create_connection(("127.0.0.1", nginx_port), timeout=20) as connection:
        size = 5 * 1024 * 1024 + 4096
        connection.sendall(
            b"POST /api/me/avatar/ HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n"
            b"Content-Length: %d\r\n\r\n" % size
        )
        connection.sendall(bytes(size))
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert answer.split()[1] == b"401"
    assert b"application/problem+json" in answer
