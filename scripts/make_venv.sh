#!/usr/bin/env bash
# make_venv.sh FOLDER [--references]: a virtual environment whose torch wheel drf is built on (libtorch lies in it).
# Tries the small CPU build first, then whatever the index has. --references adds the Python stack that the tests
# compare with (tools/reference/requirements.txt).
set -euo pipefail
venv=$1
version=2.13.0
pip=("$venv/bin/python" -m pip --disable-pip-version-check)

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
if ! "$venv/bin/python" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)'; then
  echo "make_venv: installing torch==$version" >&2
  "${pip[@]}" install -q "torch==$version+cpu" 2>/dev/null ||
    "${pip[@]}" install -q --retries 0 --timeout 30 "torch==$version" --index-url https://download.pytorch.org/whl/cpu 2>/dev/null ||
    "${pip[@]}" install -q "torch==$version"
fi
touch "$venv/.torch-ready"

if [ "${2:-}" = --references ]; then
  requirements="$(dirname "$0")/../tools/reference/requirements.txt"
  "${pip[@]}" install -q -r "$requirements"
  # torchvision's wheel wants a CUDA torch; only its Python part is used.
  "${pip[@]}" install -q --no-deps "$(grep -oE "torchvision==[0-9.]+" "$requirements" || echo torchvision)"
  touch "$venv/.references-ready"
fi
