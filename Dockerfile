# syntax=docker/dockerfile:1
# docs/deploy/container.md tells how to build, run and check this.

# Compiles for the machine that will run it on the one that builds it; --platform chooses, also several at once.
FROM --platform=$BUILDPLATFORM rust:1.95-slim-bookworm AS build
ARG TARGETARCH=amd64
WORKDIR /src
COPY docker/assemble docker/assemble
RUN docker/assemble packages "$TARGETARCH"
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,id=target-$TARGETARCH \
    docker/assemble root "$TARGETARCH" /root-fs

# The server, three libraries, certificates. No shell, nobody's packages, nothing that runs as root.
FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tintype" \
      org.opencontainers.image.description="A fast self-hosted image server that speaks Thumbor's URLs" \
      org.opencontainers.image.source="https://github.com/tintype/tintype" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /root-fs /
ENV LOADER=file FILE_LOADER_ROOT_PATH=/pictures
USER 65532:65532
EXPOSE 8888
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/usr/bin/tintype", "health"]
# Give SECURITY_KEY, or ALLOW_UNSAFE_URL=true where only trusted clients reach the port.
ENTRYPOINT ["/usr/bin/tintype"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8888"]
