"""Gunicorn's settings, read by `gunicorn wsgi:app` in this folder; its command line overrides them."""

import os
import sys

# Gunicorn loads the worker before it looks into the application's folder.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

worker_class = "common.server.worker.BufferingWorker"
# Of one worker at a time; systems commonly allow a process 1024 open files.
worker_connections = 800
control_socket_disable = True
