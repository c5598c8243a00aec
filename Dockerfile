# One image for every process: `forbear serve ledger`, `forbear relay ledger`, `forbear migrate`.
# It keeps nothing and writes nothing: run it read-only, and as the user it names.

ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS builder
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_INPUT=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/forbear
COPY requirements.lock ./
RUN python -m pip --python /opt/forbear/bin/python install \
    --no-deps --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY shared shared
COPY services services
COPY deploy/image/unneeded.py ./
RUN python -m pip --python /opt/forbear/bin/python install --no-deps --no-index \
        --no-build-isolation . \
    && /opt/forbear/bin/python unneeded.py > unneeded.txt \
    && python -m pip --python /opt/forbear/bin/python uninstall --yes --requirement unneeded.txt \
    && python -m compileall -q -j 0 /opt/forbear/lib

FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="forbear" \
      org.opencontainers.image.description="A debt-collection backend that cannot over-contact anyone" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN groupadd --gid 10001 forbear \
    && useradd --uid 10001 --gid forbear --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin forbear
COPY --from=builder /opt/forbear /opt/forbear
COPY deploy/image/healthy /usr/local/bin/healthy
ENV PATH=/opt/forbear/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["forbear"]
CMD ["--help"]
