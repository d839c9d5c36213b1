#!/bin/sh
# Builds bench_local, installs llama.cpp's prebuilt libraries from npm for comparison, and runs it.
# usage: bench/local.sh [threads] [shape...]
set -eu
cd "$(dirname "$0")/.."
cmake --preset bench >/dev/null
cmake --build build/bench --target bench_local
mkdir -p build/oracle/llama.cpp
llama=-
if command -v npm >/dev/null && npm install --prefix build/oracle/llama.cpp --no-save --silent @node-llama-cpp/linux-x64; then
  llama=build/oracle/llama.cpp/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64
else
  echo "npm could not install @node-llama-cpp/linux-x64: no comparison with llama.cpp" >&2
fi
exec build/bench/bench/bench_local build/oracle/models "$llama" "$@"
