"""How often, how much and how many at once: rate limits (Flask-Limiter), budgets of bytes, places for costly
requests. The limits' rates are settings, in `common/config`."""
