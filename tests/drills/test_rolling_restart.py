"""Two nodes behind the shipped nginx file, each replaced in turn: nobody notices."""

import time

import pytest

from tests.deploy.nginx import NGINX, Nginx
from tests.drills.ledger import check_acknowledged
from tests.drills.traffic import Traffic
from tests.faults.deployment import answers_again

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(NGINX is None, reason="no nginx"),
]


def test_no_call_fails_while_each_node_is_restarted(installation, tmp_path):
    installation.settings |= {"PROXY_HOPS": 1}
    installation.upgrade()
    nodes = [installation.serve(), installation.serve()]
    folder = tmp_path / "nginx"
    folder.mkdir()
    nginx = Nginx(folder, [node.url for node in nodes])
    try:
        traffic = Traffic([nginx.url], rate=100)
        with traffic.running():
            traffic.go_on(300)
            for node in nodes:
                node.stop()
                assert node.process.returncode == 0
                # For a while one node serves everybody.
                traffic.go_on(150)
                node.start()
                answers_again(node)
                # So long nginx leaves out a node that has refused a connection.
                time.sleep(1)
                traffic.go_on(300)
    finally:
        nginx.stop()
    traffic.check_all_succeeded(installation.logs())
    print(f"{check_acknowledged(installation, traffic.people)} acknowledged values are stored")
