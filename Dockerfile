FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SIMPUL_MODE=production SIMPUL_FILES=/srv/files \
    SIMPUL_ERASURES_FILE=/srv/erasures/erasures.jsonl
WORKDIR /srv/simpul

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY . .
# collectstatic needs neither secret nor database: it gets placeholders that live in this step alone.
RUN SIMPUL_MODE=development SIMPUL_DEBUG=0 DATABASE_URL=postgresql://nobody@localhost/none \
    python manage.py collectstatic --no-input

RUN useradd --system --no-create-home simpul && install -d -o simpul -m 700 /srv/files /srv/erasures
USER simpul
VOLUME /srv/files /srv/erasures
EXPOSE 8000

# The Host is that of a real visit, so that the host check lets it pass.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request as r; \
    r.urlopen(r.Request('http://127.0.0.1:8000/healthz', \
    headers={'Host': os.environ['SIMPUL_ALLOWED_HOSTS'].split(',')[0]}), timeout=4)"]

# No access log of its own: a path may name a record. The application writes a line for each request.
CMD ["gunicorn", "registry.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", \
     "--workers=2", "--threads=4", "--timeout=60", "--no-control-socket"]
