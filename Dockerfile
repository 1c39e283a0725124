ARG BASE_IMAGE=python:3.11-slim-bookworm

FROM ${BASE_IMAGE} AS build
ARG PIP_INDEX_URL
# What only some need, by name as in pyproject.toml: "postgres", "ocr" or both.
ARG EXTRAS=
WORKDIR /src
# Dependencies first: they change less often than the code, and the layer is kept.
COPY pyproject.toml ./
RUN python3 -m venv /opt/shequn \
 && python3 -c "import os, tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
more = [line for name in os.environ.get('EXTRAS', '').split() for line in project['optional-dependencies'][name]]; \
print(*project['dependencies'], *more, sep='\n')" > dependencies.txt \
 && /opt/shequn/bin/pip install --no-cache-dir --disable-pip-version-check -r dependencies.txt
COPY README.md LICENSE ./
COPY config config
COPY migrations migrations
COPY plugins plugins
COPY bot bot
# What nobody runs goes: installers, debugging symbols, tests, sources for compilers, the decoder of AVIF (WeChat sends
# none, and Pillow does without it). Compiled once, since the root is read-only later. `.libs` stay as they came: what
# patchelf has touched must not be stripped.
# hadolint ignore=DL3008
RUN /opt/shequn/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps . \
 && /opt/shequn/bin/pip uninstall -y -q pip setuptools \
 && if ! command -v strip > /dev/null; then \
      { apt-get -o Acquire::http::Timeout=20 update && apt-get install -y --no-install-recommends binutils; } || true; \
    fi \
 && if command -v strip > /dev/null; then \
      find /opt/shequn/lib -name '*.so' -not -path '*.libs/*' -exec strip --strip-unneeded {} +; \
    fi \
 && find /opt/shequn/lib -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) -delete \
 && rm -rf /opt/shequn/lib/python3*/site-packages/*/tests /opt/shequn/lib/python3*/site-packages/*/testing \
      /opt/shequn/lib/python3*/site-packages/PIL/_avif*.so /opt/shequn/lib/python3*/site-packages/pillow.libs/libavif* \
 && /opt/shequn/bin/python -m compileall -q /opt/shequn/lib

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="shequn" \
      org.opencontainers.image.description="社群：微信群管家机器人" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/shequn/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SHEQUN_CONFIG=/data/config \
    SHEQUN_DATA=/data \
    SHEQUN_WEB__HOST=0.0.0.0
RUN groupadd --gid 10001 shequn \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin shequn \
 && install -d -o 10001 -g 10001 /data
COPY --from=build /opt/shequn /opt/shequn
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["shequn"]
CMD ["--data", "/data", "sandbox"]
