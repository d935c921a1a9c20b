# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends cmake g++ libc6-dev make nasm perl \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked \
 && cp target/release/tintype /usr/local/bin/tintype

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --no-create-home --shell /usr/sbin/nologin tintype \
 && mkdir /pictures
COPY --from=build /usr/local/bin/tintype /usr/local/bin/tintype
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/tintype/
ENV LOADER=file FILE_LOADER_ROOT_PATH=/pictures
USER tintype
EXPOSE 8888
# Give SECURITY_KEY, or ALLOW_UNSAFE_URL=true where only trusted clients reach the port.
ENTRYPOINT ["tintype"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8888"]
