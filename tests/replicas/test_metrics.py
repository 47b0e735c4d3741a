"""What is seen of replicas: whether each answers, how far behind it is, and no failure of probes."""

from tests.common.operations.metrics.test_sampling import value

DEAD = "postgresql://marketplace:x@127.0.0.1:1/marketplace"


def test_each_replica_is_seen_by_its_place_and_no_probe_fails(cluster, make_replicated_app):
    app = make_replicated_app(cluster, DEAD, cluster.standbys[0].url)
    client = app.test_client()
    text = client.get("/metrics").text
    assert value(text, "database_read_replica_up", replica="1") == 0
    assert value(text, "database_read_replica_up", replica="2") == 1
    assert value(text, "database_read_replica_lag_bytes", replica="1") is None
    lag = value(text, "database_read_replica_lag_bytes", replica="2")
    assert lag is not None and lag >= 0
    assert "127.0.0.1:1" not in text
    assert client.get("/readyz").status_code == 200


def test_without_replicas_none_is_seen(cluster, make_replicated_app):
    text = make_replicated_app(cluster).test_client().get("/metrics").text
    assert "database_read_replica_up{" not in text
