# What commands of the documentation find: sourced by bash before the blocks of a page.
#
# FIRST_PORT and SECOND_PORT stand for 8888 and 8000. A server that a page starts goes to the background, takes the
# place of the one on its port, and ends with the page.
# shellcheck shell=bash

set -eo pipefail

stop() {
  local file=$RUN_DIR/$1.pid
  [[ -e $file ]] || return 0
  kill "$(<"$file")" 2>/dev/null || true
  wait "$(<"$file")" 2>/dev/null || true
  rm -f "$file"
}

stop_all() {
  local file
  for file in "$RUN_DIR"/*.pid; do
    [[ -e $file ]] && stop "$(basename "$file" .pid)"
  done
  return 0
}
trap stop_all EXIT

# serve ARGUMENTS: a server in the background; returns once it listens, or fails with what it said.
serve() {
  local port=$FIRST_PORT args=("$@") index
  for index in "${!args[@]}"; do
    [[ ${args[index]} != --port && ${args[index]} != -p ]] || port=${args[index + 1]}
  done
  [[ " $* " == *" --port "* || " $* " == *" -p "* ]] || args+=(--port "$port")
  stop "$port"
  local log=$RUN_DIR/$port.log
  # Whoever tests on a busy machine, with a program that is not optimized, waits.
  RENDER_TIMEOUT=120 QUEUE_TIMEOUT=120 "$TINTYPE" "${args[@]}" >"$log" 2>&1 &
  local pid=$!
  echo "$pid" >"$RUN_DIR/$port.pid"
  until grep -q 'listening on' "$log"; do
    kill -0 "$pid" 2>/dev/null || { cat "$log"; return 1; }
    sleep 0.02
  done
}

# What a server is without any setting.
demonstrate() {
  ALLOW_UNSAFE_URL=true LOADER=samples UI_ENABLED=true RENDER_OPEN=true serve serve
}

tintype() {
  case ${1-} in
    serve) serve "$@" ;;
    '') demonstrate ;;
    *) "$TINTYPE" "$@" ;;
  esac
}
