"""Two objects of a clip: can they be told apart, and do they stand as the sentence says?

    python tools/scenes/pairs.py [--lora adapters.safetensors] [--seeds 4] [--drf build/src/drf/cli/drf]

The oracle's `relation` is wrong for three reasons that it does not tell apart: nobody can say which of two lookalikes is which, they stand the other way
round, or on another axis. This counts each. Clips of the held-out sentences with two objects, sampled by `drf sample` as the recipe does (configs/scenes.toml).
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
from safetensors.numpy import load_file

import oracle
import world

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAIR = re.compile(r"a (\w+) (\w+) (left of|right of|above|below) a (\w+) (\w+) on a (\w+) background")


def clip(o, prompt, seed, folder):
    recipe = tomllib.loads((ROOT / "configs/scenes.toml").read_text())
    s = recipe["sampling"]
    out = folder / "clip.safetensors"
    command = [o.drf, "sample", "--model", ROOT / "assets/scenes/generator", "--prompt", prompt, "--seed", seed, "--save-frames", out,
               "--size", f"{s['width']}x{s['height']}", "--frames", s["frames"], "--steps", s["steps"], "--guidance", s["guidance"],
               "--shift", s["shift"], "--sampler", "euler", "--schedule", "flow", "--text-length", recipe["generator"]["text_length"]]
    command += ["--lora", o.lora] if o.lora else []
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr.strip().splitlines()[-1])
    return np.clip(load_file(out)["frames"].transpose(0, 2, 3, 1), 0, 1)


def fit(wanted, seen):
    return sum((w[0] == o["color"]) + (w[1] == o["shape"]) for w, o in zip(wanted, seen))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lora")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--drf", default=ROOT / "build/src/drf/cli/drf")
    o = parser.parse_args()
    clips, told, right, turned = 0, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for prompt in (ROOT / "assets/scenes/held_out.txt").read_text().splitlines():
            named = PAIR.fullmatch(prompt.strip())
            if not named:
                continue
            color, shape, relation, color2, shape2, bg = named.groups()
            scene = world.Scene(color, shape, bg, relation=relation, color2=color2, shape2=shape2)
            for seed in range(1, o.seeds + 1):
                answer = oracle.judge(clip(o, prompt.strip(), seed, pathlib.Path(folder)))
                clips += 1
                seen, wanted = answer["objects"], [(color, shape), (color2, shape2)]
                if len(seen) < 2 or fit(wanted, seen) == fit(wanted[::-1], seen):
                    continue
                told += 1
                straight = fit(wanted, seen) > fit(wanted[::-1], seen)
                stands = answer["relation"] if straight else oracle.OPPOSITE[answer["relation"]]
                right += stands == relation
                turned += stands == oracle.OPPOSITE[relation]
    print(f"{clips} clips: told apart {told}, of these as asked {right}, the other way round {turned}")


if __name__ == "__main__":
    main()
