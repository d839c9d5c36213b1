#!/bin/sh
# Builds assay and bench_remote; measures the mock server's ceiling with wrk, where that is installed, then Assay against it.
# usage: bench/remote.sh [client|commit|wait|latency|replicas]...
set -eu
cd "$(dirname "$0")/.."
cmake --preset bench >/dev/null
cmake --build build/bench --target assay bench_remote
if command -v wrk >/dev/null; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cat > "$folder/post.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"model":"m","messages":[{"role":"user","content":"What is 2 + 3? Give the number."}],"max_tokens":100}'
LUA
  build/bench/assay mock-server --stop-after 12 > "$folder/url" 2>/dev/null &
  while [ ! -s "$folder/url" ]; do sleep 0.1; done
  for connections in 64 1000; do
    echo "wrk, $connections connections, one thread:"
    wrk -t1 -c$connections -d4s -s "$folder/post.lua" "$(cat "$folder/url")/chat/completions" | grep -E "Requests/sec|Latency|Socket errors" || true
  done
  wait
else
  echo "wrk is not installed: the server's own ceiling is not measured" >&2
fi
exec build/bench/bench/bench_remote "$@"
