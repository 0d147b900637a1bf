#!/usr/bin/env bash
# What can be learnt on a GPU in ten minutes, on one page.
#
#   scripts/gpu_suite.sh --pack          here: gathers what the build needs besides PyTorch into .gpu-deps (ignored by git)
#   scripts/gpu_suite.sh --build         here, where minutes cost nothing: builds against a CUDA wheel of the same version as there
#                                        (TORCH_DIR; no GPU needed) and leaves the stripped programs in .gpu-bin (ignored by git)
#   scripts/gpu_suite.sh OUT [SECONDS]   there: builds, runs the tests labelled cuda, measures updates at real size with
#                                        random weights, and appends each part to the page OUT as soon as it is known;
#                                        what each part printed lies in OUT-logs/
#
# The machine needs g++, CMake, Ninja, Python and a CUDA libtorch of 2.11 or newer (python3's torch, or TORCH_DIR), but neither
# network nor package manager: .gpu-deps travels with the tree. With .gpu-bin it needs no compiler either. SECONDS (570 unless given) is the whole run's limit; every part
# has one of its own, so that one that hangs does not eat the rest. BUILD is the build folder (build-gpu unless set).
# Exit code 0 if every part that ran passed, 1 if one failed.
set -uo pipefail
cd "$(dirname "$0")/.."
deps=.gpu-deps bin=.gpu-bin build=${BUILD:-build-gpu}
packages=(nlohmann-json3-dev libtomlplusplus-dev libcli11-dev libpcre2-dev libutf8proc-dev libsentencepiece-dev
          libsentencepiece0 zlib1g-dev libgtest-dev)

fail() { echo "gpu_suite: $*" >&2; exit 2; }

# An installed package's headers and libraries, or those of one that is fetched.
unpack() {
  local package=$1 to=$2 fetched
  if dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
    dpkg -L "$package" | grep -E '^(/usr)?/(include|lib)/|/doc/[^/]*/copyright$' | while read -r file; do
      if [ -f "$file" ]; then cp -P --parents "$file" "$to"; fi
    done
    return
  fi
  fetched=$(mktemp -d)
  (cd "$fetched" && apt-get download -qq "$package" >/dev/null 2>&1) && dpkg -x "$fetched"/*.deb "$to"
  local status=$?
  rm -rf "$fetched"
  return $status
}

pack() {
  command -v dpkg-query >/dev/null || fail "--pack gathers Debian packages: run it where dpkg is"
  local part=$deps.part lib
  rm -rf "$part" && mkdir -p "$part"
  for package in "${packages[@]}"; do
    unpack "$package" "$part" || fail "no $package: neither installed (scripts/install_deps.sh) nor to be had from apt-get"
  done
  lib=$(echo "$part"/usr/lib/*-linux-gnu)
  # Libraries that come both ways are taken as archives, which need nothing when the program starts.
  rm -rf "$part"/usr/share/man "$part"/usr/lib/cmake "$lib"/pkgconfig "$lib"/libsentencepiece_train* "$lib"/libpcre2-{16,32,posix}* \
    "$lib"/lib{z,utf8proc,pcre2-8}.so*
  find "$part" -xtype l -delete
  for file in usr/include/{nlohmann/json.hpp,toml++/toml.h,CLI/CLI.hpp,pcre2.h,utf8proc.h,sentencepiece_processor.h,zlib.h,gtest/gtest.h}; do
    [ -e "$part/$file" ] || fail "$file is in none of ${packages[*]}"
  done
  local kib
  kib=$(du -sk "$part" | cut -f1)
  [ "$kib" -le $((40 * 1024)) ] || fail "$part takes $((kib / 1024)) MiB, wanted at most 40"
  rm -rf "$deps" && mv "$part" "$deps"
  echo "$deps: $((kib / 1024)) MiB from ${#packages[@]} packages"
}

programs=(drf ops_cuda_test attention_cuda_test flow_cuda_test)

# Where a program lies that was built into $build.
built() { case $1 in drf) echo "$build/src/drf/cli/drf" ;; *) echo "$build/tests/$1" ;; esac; }

# What programs are built of, and tests read.
sources() { find CMakeLists.txt cmake src third_party tests examples assets -type f | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -c1-16; }

configure() {
  local use_deps=()
  [ -d "$deps" ] && use_deps=(-DDRF_DEPS="$deps")
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTORCH_DIR="$1" -DDRF_WITH_FFMPEG=OFF "${use_deps[@]}"
}

build_here() {
  [ -e "${TORCH_DIR:-}/lib/libtorch_cuda.so" ] || fail "--build needs TORCH_DIR, the torch folder of a CUDA wheel (pip install --target DIR torch==VERSION)"
  [ -d "$deps" ] || pack
  configure "$TORCH_DIR" >/dev/null && ninja -C "$build" "${programs[@]}" || exit 1
  rm -rf "$bin" && mkdir "$bin" && sources >"$bin/sources" || exit 1
  for name in "${programs[@]}"; do strip -o "$bin/$name" "$(built "$name")" || exit 1; done
  cp "$deps"/usr/lib/*-linux-gnu/lib*.so.? "$bin" || exit 1
  sed -n "s/^__version__ = '\(.*\)'/\1/p" "$TORCH_DIR/version.py" >"$bin/torch"
  du -sh "$bin"
}

say() { printf '%s\n' "$@" >>"$page"; }  # a line an argument
left() { echo $((deadline - SECONDS)); }

# part NAME LIMIT COMMAND...: runs it within its limit and what is left, its output to a log; says on the page how it went.
part() {
  local name=$1 limit=$2 began=$SECONDS status
  shift 2
  log=$logs/$(tr -c 'a-zA-Z0-9\n' - <<<"$name").log
  if [ "$(left)" -lt 10 ]; then
    say "- $name: left out, no time"
    return 3
  fi
  [ "$limit" -le "$(left)" ] || limit=$(left)
  timeout -k 5 "$limit" "$@" >"$log" 2>&1
  status=$?
  case $status in
    0) say "- $name: $((SECONDS - began)) s" ;;
    124 | 137) say "- $name: **stopped after $limit s**"; failed=1 ;;
    *) say "- $name: **failed** (exit code $status) after $((SECONDS - began)) s"; failed=1 ;;
  esac
  if [ $status -ne 0 ]; then
    say '  ```'
    tail -n 25 "$log" | cut -c1-200 | sed 's/^/  /' >>"$page"
    say '  ```'
  fi
  return $status
}

# A GoogleTest binary, its tests' verdicts and what they printed.
tests() {
  local name=$1
  part "$name" 90 env OMP_WAIT_POLICY=passive "$(program "$name")"
  # Verdicts (with their time; the summary has none), and what the tests say of kernels, cosines and memory.
  grep -E '^\[.*(OK|FAILED|SKIPPED).* ms\)$|^[^[].*(cosine with|predicted .* measured|flash$|memory-efficient$|cuDNN$|math$)' "$log" 2>/dev/null |
    cut -c1-160 | sed 's/^/      /' >>"$page"
}

# bench FRAMES K UPDATES WARMUP LIMIT [--set KEY=VALUE]: one line of the table.
bench() {
  local sets=(--set sampling.width=832 --set sampling.height=480 --set "sampling.frames=$1" --set sampling.steps=20
              --set sampling.guidance=5 --set flow.K="$2" --set flow.cfg_grad=both --set train.accumulate=1 --set train.anchor=0 "${@:6}")
  local name="update of $1 frames, K = $2${7:+, $7}"
  part "plan of it ($1 frames, K = $2${7:+, $7})" 30 "$drf" plan "$shapes/config.toml" --device cuda --json "${sets[@]}"
  cp "$log" "$logs/plan.json" 2>/dev/null
  part "$name" "$5" sh -c '"$@" >'"'$logs/bench.json'" bench "$drf" bench "$shapes/config.toml" --random-weights --device cuda \
    --updates "$3" --warmup "$4" --json "${sets[@]}" || return
  python3 - "$1" "$2${7:+, $7}" "$logs/plan.json" "$logs/bench.json" >>"$page" <<'PYTHON'
import json, sys
frames, K, plan_file, bench_file = sys.argv[1:]
def last_object(path):
    return [json.loads(line) for line in open(path) if line.startswith("{")][-1]
measured = last_object(bench_file)
try:
    planned = {stage["stage"]: stage["peak"] / 2**30 for stage in last_object(plan_file)["stages"]}
except (OSError, IndexError):
    planned = {}
print(f"\n  {frames} frames of 832 x 480, N = 20, K = {K}, guidance 5: update {sorted(measured['update_s'])[len(measured['update_s']) // 2]:.2f} s, "
      f"reward {measured['reward']:.4f}, at most {measured['peak_bytes'] / 2**30:.2f} GiB; bfloat16 products "
      f"{measured['matmul_gflops'] / 1000:.0f} TFLOP/s\n")
print("  | stage | seconds | GiB measured | GiB planned |\n  |---|---:|---:|---:|")
for stage, seconds in measured["stages"].items():
    print(f"  | {stage} | {seconds:.2f} | {measured['stage_peaks'][stage] / 2**30:.2f} | {planned.get(stage, float('nan')):.2f} |")
print()
PYTHON
}

suite() {
  page=$(realpath -m "$1") deadline=$((SECONDS + ${2:-570})) failed=0
  mkdir -p "$(dirname "$page")" || exit 2
  logs=${page%.md}-logs shapes=$(mktemp -d)
  mkdir -p "$logs"
  trap 'rm -rf "$shapes"' EXIT
  local torch=${TORCH_DIR:-$(python3 -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' 2>/dev/null)}
  [ -e "$torch/lib/libtorch_cpu.so" ] || fail "no libtorch${torch:+ in $torch}: python3 has none; set TORCH_DIR"
  local gpu version
  version=$(sed -n "s/^__version__ = '\(.*\)'/\1/p" "$torch/version.py")
  gpu=$(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null | head -1)
  say "# drf on ${gpu:-a machine without a GPU}" ""
  say "$(date -u +%F), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown), torch $version, $(nproc) cores. Random weights; made by \`scripts/gpu_suite.sh\`." ""
  say "## Build"
  if [ -d "$bin" ]; then
    [ "$(cat "$bin/torch")" = "$version" ] || fail "$bin was built against torch $(cat "$bin/torch"), here is $version: remove it"
    [ "$(cat "$bin/sources")" = "$(sources)" ] || fail "$bin was built of other sources than these: --build again, or remove it"
    say "- none: the programs of $bin"
    export DRF_TEST_ROOT=$PWD DRF_TEST_BINARY=$PWD/$bin/drf LD_LIBRARY_PATH=$torch/lib:$PWD/$bin
    program() { echo "$bin/$1"; }
    ready() { :; }
  else
    program() { built "$1"; }
    ready() { part "build $*" 270 ninja -C "$build" "$@"; }
    part configure 60 configure "$torch" || exit 1
  fi
  drf=$(program drf)
  ready ops_cuda_test attention_cuda_test
  say "" "## Operations"
  tests ops_cuda_test
  tests attention_cuda_test
  say "" "## The whole flow"
  ready drf flow_cuda_test
  part "names and shapes of the released models" 20 python3 bench/release_shapes.py --out "$shapes"
  if [ -n "$gpu" ]; then
    say "" "## Updates at real size: Wan 2.1 1.3B under Qwen2.5-VL 7B, 16 frames to the critic, bfloat16"
    bench 17 1 2 1 90
  fi
  tests flow_cuda_test
  if [ -n "$gpu" ]; then
    bench 17 4 1 1 90
    bench 17 1 1 1 60 --set memory.park=on
    bench 81 1 1 0 150
    bench 17 2 1 1 60
    bench 81 4 1 0 200
    bench 81 2 1 0 170
  fi
  say "" "$((SECONDS)) s in all."
  exit $failed
}

case ${1:-} in
  --pack) [ $# -eq 1 ] || fail "--pack takes no argument"; pack ;;
  --build) [ $# -eq 1 ] || fail "--build takes no argument"; build_here ;;
  "" | -h | --help) sed -n '2,18s/^# \{0,1\}//p' "$0"; [ $# -gt 0 ] || exit 2 ;;
  -*) fail "no option $1: --pack, --build, or the page's file" ;;
  *) [[ ${2:-1} =~ ^[0-9]+$ && $# -le 2 ]] || fail "wanted OUT [SECONDS], got $*"; suite "$@" ;;
esac
