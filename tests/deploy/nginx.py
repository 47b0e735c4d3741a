"""The real nginx with the shipped deploy/nginx.conf, apart from its ports."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from common.config import ROOT
from common.embedded.processes import free_port, stop_child

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NODE = "server 127.0.0.1:8000 fail_timeout=1s;"
FRAME = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """In front of nodes (`http://host:port` each); answers on 127.0.0.1:`port`."""

    def __init__(self, folder: Path, nodes: Sequence[str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        shipped = (ROOT / "deploy" / "nginx.conf").read_text()
        servers = "\n".join(
            NODE.replace("127.0.0.1:8000", node.removeprefix("http://")) for node in nodes
        )
        for before, after in (
            ("listen 80;", f"listen 127.0.0.1:{self.port};"),
            (NODE, servers),
        ):
            assert shipped.count(before) == 1
            shipped = shipped.replace(before, after)
        (folder / "site.conf").write_text(shipped)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(FRAME.format(folder=folder, user=user))
        self._process = subprocess.Popen(
            [str(NGINX), "-c", str(folder / "nginx.conf"), "-p", str(folder)]
        )
        while self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.05)
        assert self._process.poll() is None, (folder / "error.log").read_text()

    def stop(self) -> None:
        stop_child(self._process, timeout=5)
