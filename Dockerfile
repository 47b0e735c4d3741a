# The service as an image: `docker build -t tutor-marketplace .`
# Settings come from the environment. Needs no writable path but /tmp and the media volume, and no
# right of root's: run it with --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY deploy/requirements.lock /tmp/requirements.lock
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/requirements.lock
WORKDIR /app
COPY wsgi.py gunicorn.conf.py ./
COPY common common
COPY activity activity
COPY profiles profiles
COPY marketplace marketplace
COPY fixtures fixtures
# The root file system is read-only where it runs.
RUN python -m compileall -q /app

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin marketplace \
    && install -d -o 10001 -g 10001 /media
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    APP_ENV=production \
    FLASK_APP=wsgi \
    INSTANCE_DIR=/tmp/instance \
    MEDIA_DIR=/media \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
VOLUME /media
EXPOSE 8000
# Whether the process lives; whether it can serve is /readyz, for who sends it requests.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-m", "common.operations.probe", "http://127.0.0.1:8000/healthz"]
CMD ["gunicorn", "wsgi:app", "--bind=0.0.0.0:8000", "--workers=4", "--threads=4", "--worker-tmp-dir=/dev/shm"]
