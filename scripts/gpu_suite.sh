#!/usr/bin/env bash
# What can be learnt on a GPU in ten minutes, on one page.
#
#   scripts/gpu_suite.sh --pack          here: gathers what the build needs besides PyTorch into .gpu-deps (ignored by git)
#   scripts/gpu_suite.sh --build         here, where minutes cost nothing: builds against a CUDA wheel of the same version as there
#                                        (TORCH_DIR; no GPU needed) and leaves the stripped programs in .gpu-bin, and those with
#                                        all that they read in .gpu-carry.tar.xz (both ignored by git)
#   scripts/gpu_suite.sh OUT [SECONDS [PART...]]
#                                        there: builds, runs the tests labelled cuda, measures updates at real size with
#                                        random weights, and appends each part to the page OUT as soon as it is known;
#                                        what each part printed lies in OUT-logs/. PARTs, all unless named: tests, updates,
#                                        peer (where python3 has diffusers, transformers and peft), demo, long; and only
#                                        if named runs: what bench/table.py and bench/ablations.py lack
#
# The machine needs g++, CMake, Ninja, Python and a CUDA libtorch of 2.11 or newer (python3's torch, or TORCH_DIR), but neither
# network nor package manager: .gpu-deps travels with the tree. With .gpu-bin it needs no compiler either; with .gpu-carry.tar.xz only
# bench, configs, scripts and tools of the tree. SECONDS (570 unless given) is the whole run's limit; every part
# has one of its own, so that one that hangs does not eat the rest. BUILD is the build folder (build-gpu unless set).
# Exit code 0 if every part that ran passed, 1 if one failed.
set -uo pipefail
cd "$(dirname "$0")/.."
deps=.gpu-deps bin=.gpu-bin carry=.gpu-carry.tar.xz build=${BUILD:-build-gpu}
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
  tar cf - "$bin" assets/{tiny,scenes} tests/goldens/{flow,names,qwen_names}_* | xz --x86 --lzma2=preset=9,dict=128MiB >"$carry" || exit 1
  du -sh "$bin" "$carry"
}

say() { printf '%s\n' "$@" >>"$page"; }  # a line an argument
left() { echo $((deadline - SECONDS)); }
wanted() { [[ $parts == *" $1 "* ]]; }
on_gpu() { [ -n "$gpu" ] && wanted "$1"; }

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

# bench NAME UPDATES WARMUP LIMIT [--set KEY=VALUE]...: seconds and memory by stage of the shipped configuration's update, so changed.
bench() {
  local name=$1 found=$logs/bench-${1//[^a-zA-Z0-9]/-}
  part "plan of $name" 30 "$drf" plan "$shapes/config.toml" --device cuda --json "${@:5}"
  cp "$log" "$found-plan.json" 2>/dev/null
  part "$name" "$4" sh -c '"$@" >'"'$found.json'" bench "$drf" bench "$shapes/config.toml" --random-weights --device cuda \
    --updates "$2" --warmup "$3" --json "${@:5}" || return
  python3 scripts/gpu_page.py bench "$name" "$found-plan.json" "$found.json" >>"$page"
}

# of FRAMES K UPDATES WARMUP LIMIT [--set KEY=VALUE]: one update of a clip of 832 x 480, N = 20, guidance 5.
of() {
  bench "$1 frames of 832 x 480, K = $2${7:+, $7}" "${@:3:3}" \
    --set sampling.width=832 --set sampling.height=480 --set "sampling.frames=$1" --set sampling.steps=20 --set sampling.guidance=5 \
    --set flow.K="$2" --set flow.cfg_grad=both --set train.accumulate=1 --set train.anchor=0 "${@:6}"
}

# The same update in an expert's PyTorch, beside what bench measured of it last.
peer() {
  local frames=$1 K=$2 limit=$3
  python3 -c 'import diffusers, peft, transformers' 2>/dev/null || { say "- the peer: left out, python3 has no diffusers, transformers and peft"; return; }
  part "the peer's update of $frames frames, K = $K${4:+, ${4#--}}" "$limit" sh -c '"$@" >'"'$logs/peer.json'" peer python3 bench/peer/released.py \
    "$shapes/config.toml" --frames "$frames" --K "$K" --updates 3 "${@:4}" || return
  python3 scripts/gpu_page.py peer "$logs/peer.json" "$logs/bench-$frames-frames-of-832-x-480--K---$K.json" >>"$page"
}

# Processes of small kernels take turns on a card, which costs more than the kernels: NVIDIA's MPS lets them run side by side.
share_card() {
  command -v nvidia-cuda-mps-control >/dev/null || return
  export CUDA_MPS_PIPE_DIRECTORY=$shapes/mps CUDA_MPS_LOG_DIRECTORY=$shapes/mps
  mkdir -p "$CUDA_MPS_PIPE_DIRECTORY"
  nvidia-cuda-mps-control -d || unset CUDA_MPS_PIPE_DIRECTORY
}
leave_card() {
  [ -z "${CUDA_MPS_PIPE_DIRECTORY:-}" ] || echo quit | nvidia-cuda-mps-control
  unset CUDA_MPS_PIPE_DIRECTORY
}

# The demo in several types at once, each over the seeds: what half precision does to what is learnt, by the oracle.
demos() {
  local updates=$1 limit=$2 began=$SECONDS type seed flags runs=() pids=()
  shift 2
  [ "$limit" -le "$(left)" ] || limit=$(left)
  for seed in "$@"; do
    for type in float32 bfloat16 float16 "float32 under a bfloat16 critic"; do
      case $type in *critic) flags=(--set critic.dtype=bfloat16) ;; *) flags=(--dtype "$type") ;; esac
      local name=$logs/demo-${type// /-}-$seed
      OMP_NUM_THREADS=1 timeout "$limit" "$drf" demo --device cuda --json --seed "$seed" --updates "$updates" --judge-every 50 "${flags[@]}" -o "$name" \
        >"$name.json" 2>"$name.log" &
      runs+=("$type" "$seed" "$name") pids+=($!)
    done
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  say "- ${#pids[@]} demos of $updates updates at once: $((SECONDS - began)) s"
  python3 scripts/gpu_page.py demos "${runs[@]}" >>"$page"
}

# What the table and then the ablations lack, so many at once until no time is left; their rows, and what goes on from where it was, into archives,
# the second in pieces that a lender of machines may limit (`cat` puts them together).
runs() {
  local at_once=$(($(nproc) < 16 ? $(nproc) : 16)) seconds=$(($(left) - 25))
  [ "$seconds" -gt 30 ] || { say "- left out, no time"; return; }
  DRF_BINARY=$PWD/$drf timeout -k 20 "$seconds" python3 bench/ablations.py run --table --device cuda --at-once "$at_once" >"$logs/runs.log" 2>&1
  say "$(grep -v 'is there$' "$logs/runs.log" | sed 's/^/      /')"
  ! grep -qE 'exit code|Error' "$logs/runs.log" || failed=1
  tar czf "$logs/rows.tar.gz" -C bench/results table $(cd bench/results && ls -d ablations 2>/dev/null)
  # Of a run that did not end its last checkpoint alone is read again.
  find runs -name 'step-*' -type d | sort | awk -F/checkpoints/ '$1 == folder {print last} {folder = $1; last = $0}' >"$shapes/old"
  find runs -name config.toml | while read -r config; do
    [ -e "${config%config.toml}report.html" ] || dirname "$config" | sed 'p; h; s/$/.toml/p; g; s/$/.devices/'
  done | tar cz --exclude=samples -X "$shapes/old" -T - | split -b 15M - "$logs/unfinished.tar.gz."
}

suite() {
  page=$(realpath -m "$1") deadline=$((SECONDS + ${2:-570})) failed=0
  parts=" ${*:3} "
  [ $# -gt 2 ] || parts=" tests updates peer demo long "
  mkdir -p "$(dirname "$page")" || exit 2
  logs=${page%.md}-logs shapes=$(mktemp -d)
  mkdir -p "$logs" && rm -f "$logs"/bench-* "$logs"/unfinished.*  # another run's
  trap 'rm -rf "$shapes"' EXIT
  local torch=${TORCH_DIR:-$(python3 -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' 2>/dev/null)}
  [ -e "$torch/lib/libtorch_cpu.so" ] || fail "no libtorch${torch:+ in $torch}: python3 has none; set TORCH_DIR"
  local gpu version
  version=$(sed -n "s/^__version__ = '\(.*\)'/\1/p" "$torch/version.py")
  gpu=$(nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null | head -1)
  say "# drf on ${gpu:-a machine without a GPU}" ""
  say "$(date -u +%F), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown), torch $version, $(nproc) cores. Random weights; made by \`scripts/gpu_suite.sh\`." ""
  say "## Build"
  [ -d "$bin" ] || [ ! -e "$carry" ] || tar xJf "$carry" || exit 1
  if [ -d "$bin" ]; then
    [ "$(cat "$bin/torch")" = "$version" ] || fail "$bin was built against torch $(cat "$bin/torch"), here is $version: remove it"
    [ ! -d tests/cuda ] || [ "$(cat "$bin/sources")" = "$(sources)" ] || fail "$bin was built of other sources than these: --build again, or remove it"
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
  if wanted tests; then
    ready ops_cuda_test attention_cuda_test
    say "" "## Operations"
    tests ops_cuda_test
    tests attention_cuda_test
  fi
  say "" "## The whole flow"
  ready drf flow_cuda_test
  part "names and shapes of the released models" 20 python3 bench/release_shapes.py --out "$shapes" ||
    parts=$(sed 's/ updates\| peer\| long//g' <<<"$parts")
  [ -z "$gpu" ] || say "" "## Updates at real size: Wan 2.1 1.3B under Qwen2.5-VL 7B, 16 frames to the critic, bfloat16"
  on_gpu updates && of 17 1 2 1 90
  wanted tests && tests flow_cuda_test
  on_gpu peer && peer 17 1 120
  on_gpu peer && peer 17 1 120 --checkpoint-decoder
  on_gpu updates && of 17 4 1 1 90
  on_gpu updates && of 17 1 1 1 60 --set memory.park=on
  on_gpu updates && bench "the shipped configuration as it is" 1 1 120
  if on_gpu demo; then
    say "" "## The demo on this card"
    share_card
    demos 200 250 0 1
    leave_card
    say "" "## Longer clips"
  fi
  if on_gpu runs; then
    say "" "## Runs of the table and of the ablations"
    share_card
    runs
    leave_card
  fi
  on_gpu long && of 81 1 1 0 150
  on_gpu updates && of 17 2 1 1 60
  on_gpu long && of 81 4 1 0 200
  on_gpu long && of 81 2 1 0 170
  say "" "$((SECONDS)) s in all."
  exit $failed
}

case ${1:-} in
  --pack) [ $# -eq 1 ] || fail "--pack takes no argument"; pack ;;
  --build) [ $# -eq 1 ] || fail "--build takes no argument"; build_here ;;
  "" | -h | --help) sed -n '2,19s/^# \{0,1\}//p' "$0"; [ $# -gt 0 ] || exit 2 ;;
  -*) fail "no option $1: --pack, --build, or the page's file" ;;
  *)
    [[ ${2:-1} =~ ^[0-9]+$ ]] || fail "wanted OUT [SECONDS [PART...]], got $*"
    for name in "${@:3}"; do
      [[ " tests updates peer demo long runs " == *" $name "* ]] || fail "no part $name: tests, updates, peer, demo, long, runs"
    done
    suite "$@"
    ;;
esac
