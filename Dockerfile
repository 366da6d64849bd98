# The portal's processes in one image: web, both workers, scheduler, migrate.
FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/srv/venv/bin:$PATH

FROM base AS build
WORKDIR /srv/portal
RUN python -m pip install --no-cache-dir uv==0.13.8 && python -m venv /srv/venv
COPY requirements.txt .
RUN UV_SYSTEM_CERTS=1 uv pip install --no-cache --compile-bytecode \
    --python /srv/venv/bin/python --require-hashes -r requirements.txt
COPY . .
RUN COMPRESS_STATIC=on DATA_DIR=/tmp/build STATIC_ROOT=/srv/static \
    python manage.py collectstatic --noinput --verbosity 0

FROM base
RUN useradd --system --uid 10001 --home-dir /data portal \
    && install -d -m 0700 -o portal -g portal /data
COPY --from=build /srv /srv
WORKDIR /srv/portal
# Only /data and /tmp are written to: the image may run read-only.
ENV DATA_DIR=/data \
    STATIC_ROOT=/srv/static \
    COMPRESS_STATIC=on \
    TLS=on \
    BIND=0.0.0.0 \
    PORT=8000
USER portal
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "manage.py", "serve", "web"]
