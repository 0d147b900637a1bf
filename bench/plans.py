"""What the released models take on cards of 24, 40 and 80 GiB, and the settings that `drf plan` chooses there.

    python3 bench/plans.py --drf build/src/drf/cli/drf [--sizes 1.3B 14B] > plans.md

A plan walks the real code on shapes (docs/memory.md); nothing is run and no weight is read. Folders of the released names and
shapes are made by release_shapes.py and lie in --shapes (default: a temporary folder). Needs Python alone; a minute a size.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GIB = 1 << 30
CLIPS = [("480 x 272, 17", 480, 272, 17), ("832 x 480, 17", 832, 480, 17), ("832 x 480, 81", 832, 480, 81)]


def plan(drf, config, gib, clip, extra):
    _, width, height, frames = clip
    sets = [f"sampling.width={width}", f"sampling.height={height}", f"sampling.frames={frames}", *extra]
    command = [drf, "plan", str(config), "--device", "cuda", "--device-memory", f"{gib}GiB", "--json", "--threads", "1"]
    for one in sets:
        command += ["--set", one]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def row(size, clip, gib, found):
    worst = max(found["stages"], key=lambda stage: stage["peak"])
    if not found["fits"]:
        return f"| {size} | {clip[0]} | {gib} | no | | | {found['peak'] / GIB:.1f} ({worst['stage']}) |"
    chosen, memory = found["flow"], found["memory"]
    return (f"| {size} | {clip[0]} | {gib} | yes | {chosen['recompute']}, {chosen['cfg_batch']} | {memory['park']} | "
            f"{found['peak'] / GIB:.1f} ({worst['stage']}) |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drf", required=True)
    parser.add_argument("--sizes", nargs="+", default=["1.3B", "14B"])
    parser.add_argument("--memory", nargs="+", type=int, default=[24, 40, 80], help="GiB of the cards")
    parser.add_argument("--shapes", type=pathlib.Path)
    parser.add_argument("--set", nargs="+", default=["flow.recompute=auto"], help="settings of all plans")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        shapes = a.shapes or pathlib.Path(temporary)
        print("| generator | clip | GiB | fits | recompute, cfg_batch | park | most, GiB (where) |")
        print("|---|---|---|---|---|---|---|")
        for size in a.sizes:
            folder = shapes / size
            subprocess.run([sys.executable, str(HERE / "release_shapes.py"), "--out", str(folder), "--size", size],
                           check=True, stdout=subprocess.DEVNULL)
            for clip in CLIPS:
                for gib in a.memory:
                    print(row(size, clip, gib, plan(a.drf, folder / "config.toml", gib, clip, a.set)), flush=True)


if __name__ == "__main__":
    main()
