#!/usr/bin/env bash
# Trains everything of the world `scenes`, one part after another, on one thread; goes on where it was stopped (kill the
# python process with TERM: it keeps its state first). From the repository's root:
#   setsid nohup nice -n 19 tools/scenes/run.sh [OUT] > OUT/run.log 2>&1 &
# OUT (default /tmp/scenes-train) lies outside the tree; OUT/assets becomes assets/scenes. docs/scenes.md has the minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-/tmp/scenes-train}
python=${PYTHON:-.venv/bin/python}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out"
step() {  # a part that ends with a file
  [ -e "$1" ] && return
  echo "== $(date +%T) ${*:2}"
  "$python" -W ignore "tools/scenes/$2" --out "$out${OUT_SUFFIX:-}" "${@:3}"
  # Stopped on request: the checkpoint is there, the end is not.
  [ -e "$1" ] || { echo "stopped before $1"; exit 1; }
}
OUT_SUFFIX=/vae step "$out/vae/model/config.json" train_vae.py
"$python" -W ignore tools/scenes/train_vae.py --out "$out/vae" --judge
step "$out/assets/generator/model_index.json" train_generator.py
"$python" -W ignore tools/scenes/train_base.py --out "$out" --judge
step "$out/base/002.npz" train_base.py --bank 3
step "$out/assets/critic/config.json" train_critic.py --which first
step "$out/assets/judge/config.json" train_critic.py --which second
