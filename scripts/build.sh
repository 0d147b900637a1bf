#!/usr/bin/env bash
# build.sh BUILD VENV demo|all [TORCH_FLAG]: installs what is missing, configures and builds, and says what it is doing
# and about how long it takes. `demo` builds the program alone, `all` the tests too. TORCH_FLAG, -DTORCH_DIR=... or
# -DTORCH_PYTHON=..., names libtorch; without it PyTorch's wheel is installed into VENV. Where nothing has changed since
# the last time, nothing is looked up again.
set -euo pipefail
build=$1 venv=$2 what=$3 torch=${4:-}
seconds_a_file=4   # of one core; measured, quiet: 295 s of two cores for the 178 files of the demo
here=$(dirname "$0")
say() { echo "make: $*" >&2; }

configured=$build/.configured   # what the build folder was configured for: "TESTS TORCH_FLAG"
read -r tests _ < <(cat "$configured" 2>/dev/null || echo "OFF none") || true
tests=${tests:-OFF}
[ "$what" = demo ] || tests=ON
target=$([ "$what" = demo ] && echo drf || echo all)

there() { [ -e "$build/build.ninja" ] && { [ -n "$torch" ] || [ -e "$venv/.torch-ready" ]; }; }
if ! there || [ "$(cat "$configured" 2>/dev/null)" != "$tests $torch" ]; then
  say "installing what is missing of the distribution's packages (about a minute if it is all of them)"
  "$here/install_deps.sh" $([ "$tests" = ON ] && echo --tests)
  flag=$torch
  if [ -z "$flag" ]; then
    [ -e "$venv/.torch-ready" ] || say "installing PyTorch's wheel into $venv (about 200 MB, a minute or two)"
    "$here/make_venv.sh" "$venv"
    flag=-DTORCH_PYTHON=$(realpath -s "$venv")/bin/python
  fi
  say "configuring $build"
  mkdir -p "$build"
  if ! cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DDRF_TESTS="$tests" "$flag" >"$build/configure.log" 2>&1; then
    cat "$build/configure.log" >&2
    exit 1
  fi
  echo "$tests $torch" >"$configured"
fi

# Object files that are not there yet. (A dry run would tell nothing: ninja looks for new sources first.)
files=0
while IFS= read -r object; do [ -e "$build/$object" ] || files=$((files + 1)); done \
  < <(ninja -C "$build" -t inputs "$target" | grep '\.o$')
export NINJA_STATUS='[%f/%t, %es] '
if [ "$files" -gt 0 ]; then
  cores=$(nproc)
  say "building $files files: about $(((files * seconds_a_file / cores + 59) / 60)) minutes on $cores cores, less where ccache knows them"
  exec ninja -C "$build" "$target"
fi
ninja -C "$build" "$target" | { grep --line-buffered -vE '^ninja: (Entering directory|no work to do)|Re-checking globbed' || true; }
