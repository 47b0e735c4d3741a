"""deploy/nginx.conf in the real nginx, in front of the real server."""

import socket
from collections.abc import Iterator

import pytest

from tests.deploy.nginx import NGINX, Nginx

pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx")


@pytest.fixture(scope="module")
def nginx_port(module_serve, tmp_path_factory) -> Iterator[int]:
    """The port of an nginx that runs the shipped file, apart from its two ports."""
    server = module_serve(workers=1, PROXY_HOPS=1, TRUSTED_HOSTS="api.example,127.0.0.1")
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), [server.url])
    yield nginx.port
    nginx.stop()


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
