# The wheel that `make dist` made, and what it needs by hash, on a base without a shell. Both stages
# have the same Debian, and so the same Python.
FROM python:3.13-slim-trixie AS build
COPY requirements/runtime.txt /build/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: \
    --target /app --requirement /build/runtime.txt
COPY dist/*.whl /build/
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --target /app /build/*.whl \
    && rm -rf /app/bin

FROM gcr.io/distroless/python3-debian13:nonroot
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="harborconf" \
      org.opencontainers.image.description="Harbor's configuration as code: declarative YAML, a plan, and apply" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /app /app
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
WORKDIR /tmp
ENTRYPOINT ["/usr/bin/python3", "-m", "harborconf"]
CMD ["--help"]
