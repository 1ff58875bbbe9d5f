"""How gunicorn serves the site: `gunicorn --config config/gunicorn.py config.wsgi`."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from gunicorn.http import message

from config import logs

env = environ.Env()
env.read_env(Path(__file__).resolve().parent.parent / ".env")

bind = env.str("BIND", default="127.0.0.1:8000")

# Threads wait for slow readers of films, each holding one; two processes are enough to compute.
worker_class = "gthread"
workers = env.int("WEB_WORKERS", default=2)
threads = env.int("WEB_THREADS", default=32)
preload_app = False  # a pool of database connections does not survive a fork

timeout = 60
graceful_timeout = 20
keepalive = 5
# Heartbeats go through a file; on a disk that is busy with films a worker would look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# It would listen at one path in the home folder, the same for every site of this user.
control_socket_disable = True

# A search for ten thousand characters, each of up to twelve bytes here, is answered by the site in
# words. gunicorn's own ceiling, past which it knows only "no limit", has to be raised for that.
message.MAX_REQUEST_LINE = limit_request_line = 128 * 1024  # bytes

# Requests are logged by config.logs, which knows their id and what to leave out.
accesslog = None
loglevel = env.str("LOG_LEVEL", default="INFO").lower()
logconfig_dict = logs.configuration(loglevel.upper())
logconfig_dict["loggers"]["gunicorn.error"] = {"handlers": [], "propagate": True}


def on_starting(server: Any) -> None:
    site = env.str("SITE_URL", default="http://127.0.0.1:8000")
    if urlsplit(site).scheme != "https":
        server.log.warning("SITE_URL is %s: cookies and pages travel without encryption", site)
