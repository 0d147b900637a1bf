#!/usr/bin/env bash
# Trains everything of the world `scenes`; goes on where it was stopped (end this script, then its python processes with
# TERM: they keep their state first). From the repository's root:
#   mkdir -p OUT && setsid nohup nice -n 19 tools/scenes/run.sh OUT > OUT/run.log 2>&1 &
# OUT (default /tmp/scenes-train) lies outside the tree; OUT/assets becomes assets/scenes. Two processes of one thread:
# while the generator learns, the critics learn from films (OUT/critics.log); their last stage waits for its clips.
# docs/scenes.md has the minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-/tmp/scenes-train}
python=${PYTHON:-.venv/bin/python}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
mkdir -p "$out"
exec 9> "$out/lock"  # held by what is started here too
flock -n 9 || { echo "$out is being trained already"; exit 1; }
run() {
  echo "== $(date +%T) $*"
  "$python" -W ignore "tools/scenes/$1" "${@:2}"
}
made() {  # stops where a part was stopped: the checkpoint is there, the end is not
  [ -e "$1" ] || { echo "stopped before $1"; exit 1; }
}
critics() {
  for which in first second; do run train_critic.py --which $which --out "$out"; done
}
[ -e "$out/vae/model/config.json" ] || run train_vae.py --out "$out/vae"
made "$out/vae/model/config.json"
[ -e "$out/vae/judged.txt" ] || { run train_vae.py --out "$out/vae" --judge | tee "$out/vae/part.txt"; mv "$out/vae/part.txt" "$out/vae/judged.txt"; }
critics >> "$out/critics.log" 2>&1 &
[ -e "$out/assets/generator/model_index.json" ] || run train_generator.py --out "$out"
made "$out/assets/generator/model_index.json"
run train_base.py --out "$out" --judge
[ -e "$out/base/002.npz" ] || run train_base.py --out "$out" --bank 3
made "$out/base/002.npz"
wait
critics >> "$out/critics.log" 2>&1
for which in first second; do
  [ -e "$out/slopes-$which/taught" ] || { run train_slopes.py --which $which --out "$out" >> "$out/critics.log" 2>&1; touch "$out/slopes-$which/taught"; }
done
