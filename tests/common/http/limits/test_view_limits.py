from flask_limiter._manager import LimitManager

from common.http.limits.rate_limit import limiter


def test_every_view_has_the_limits_that_the_library_would_find(app):
    ours = limiter.limit_manager
    library = LimitManager(
        [], [], ours._decorated_limits, ours._blueprint_limits, ours._route_exemptions, {}
    )
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint in app.view_functions]
    limited = 0
    with app.app_context():
        for endpoint in {rule.endpoint for rule in rules}:
            blueprint = endpoint.rpartition(".")[0] or None
            for name in ours._decorated_limits:
                found = ours.resolve_limits(app, endpoint, blueprint, name)
                assert found == library.resolve_limits(app, endpoint, blueprint, name)
                limited += len(found[1])
            assert ours.exemption_scope(app, endpoint, blueprint) == library.exemption_scope(
                app, endpoint, blueprint
            )
    assert limited


def test_nothing_but_views_has_limits(app):
    ours = limiter.limit_manager
    assert not ours._application_limits and not ours._default_limits
    assert not ours._blueprint_limits and not ours._blueprint_exemptions
    assert not ours._route_exemptions
