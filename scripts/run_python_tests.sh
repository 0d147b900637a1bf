#!/usr/bin/env bash
# run_python_tests.sh BUILD VENV: the tests that hold drf beside diffusers, transformers and peft. Skipped with a word
# where that stack is not installed (make test-all installs it); where it was and does not load, that is an error.
set -euo pipefail
build=$1 venv=$2
for python in "$venv/bin/python" "${TORCH_PYTHON:-}" ; do
  [ -n "$python" ] && [ -x "$python" ] || continue
  # torchvision's operators first, as in tests/python/conftest.py: beside a CPU torch peft does not load without them.
  if PYTHONPATH=tools/reference "$python" -c 'import torchvision_ops, diffusers, transformers, peft, pytest' 2>/dev/null; then
    DRF_BINARY="$(realpath "$build/src/drf/cli/drf")" OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive HF_HUB_OFFLINE=1 \
      exec "$python" -m pytest -q -rs tests/python
  fi
done
if [ -e "$venv/.references-ready" ]; then
  echo "The reference stack was installed into $venv and does not load:" >&2
  PYTHONPATH=tools/reference "$venv/bin/python" -c 'import torchvision_ops, diffusers, transformers, peft, pytest' >&2 || true
  echo "Remove $venv/.references-ready and run make test-all again" >&2
  exit 1
fi
echo "Python comparisons skipped: diffusers, transformers and peft are not installed (make test-all installs them)"
