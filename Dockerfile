# One image for every role: what a container does is its command. docs/deploy.md says how.
FROM python:3.12-slim AS build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
# What runs needs no installer, and only the languages of the settings' LANGUAGES: 70 MB less.
RUN pip uninstall --yes --quiet setuptools pip \
    && find /opt/venv \( -path '*/locale/*' -name '*.[mp]o' -o -path '*/locale-data/*.dat' \) \
    -not -path '*/en[/._]*' -not -path '*/de[/._]*' -not -path '*/ar[/._]*' -not -name root.dat -delete
COPY manage.py gunicorn.conf.py ./
COPY acmeco ./acmeco
COPY accounts ./accounts
COPY integrations ./integrations
COPY meetings ./meetings
COPY orders ./orders
COPY templates ./templates
COPY static ./static
COPY locale ./locale
# Collected as production serves them: these values satisfy its checks for this one command.
RUN DEBUG=false SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') \
    ALLOWED_HOSTS=acme.example ALLOY_API_KEY=none ALLOY_WEBHOOK_BASE_URL=https://acme.example \
    ALLOY_WEBHOOK_TOKEN=$(python -c 'import secrets; print(secrets.token_hex(32))') \
    EMAIL_URL=smtp://localhost python manage.py collectstatic --noinput
RUN python -m compileall -q acmeco accounts integrations meetings orders

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin acmeco \
    && install -d -o acmeco /metrics
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
# The code belongs to root: whoever breaks into a process cannot change it.
USER 10001
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PROMETHEUS_MULTIPROC_DIR=/metrics
EXPOSE 8000
# For the web role; the others answer no HTTP, and switch it off.
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s CMD ["python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["gunicorn", "acmeco.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
    "--keep-alive", "75", "--reuse-port", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
