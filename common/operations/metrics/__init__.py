"""Prometheus metrics: the registry that all workers share, what is counted of requests, pools and
the database, and who may read it; a metric of one domain is counted by that domain."""
