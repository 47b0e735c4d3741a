"""The real server while what it depends on fails: killed, stopped, slow, silent, full.

All but the clock's takes a while and servers of its own, and is run with `pytest -m slow`.
"""
