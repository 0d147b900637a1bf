"""Writes the prompts that `scenes` is trained and judged on, and its questions, beside its models.

    python tools/scenes/prompts.py OUT/assets

held_out.txt: 24, of which 8 move, 6 fall and 10 are pairs, the values of every attribute as even as seeded swaps make
them. prompts.txt: every other sentence about one object, and as many pairs.
"""

import shutil
import sys

import numpy as np

import questions
import world

VALUES = {"color": world.COLORS, "shape": world.SHAPES, "bg": world.BACKGROUNDS, "motion": world.MOTIONS, "event": world.EVENTS,
          "relation": world.RELATIONS}
HELD_OUT = {"moving": 8, "falling": 6, "pair": 10}


def unevenness(scenes):
    """Over the attributes, how much more often the most frequent value occurs than the rarest."""
    total = 0
    for name, values in VALUES.items():
        shown = [v for s in scenes for v in (getattr(s, name), getattr(s, name + "2", "")) if v]
        counts = [shown.count(v) for v in values]
        total += max(counts) - min(counts)
    return total


def split(seed=0, swaps=6000):
    by_kind = {k: [s for s in world.all_scenes() if s.kind == k] for k in HELD_OUT}
    rng = np.random.default_rng((seed, 6))
    held = [by_kind[k][i] for k, n in HELD_OUT.items() for i in rng.choice(len(by_kind[k]), n, replace=False)]
    for _ in range(swaps):
        at = rng.integers(len(held))
        kind = by_kind[held[at].kind]
        other = held[:at] + [kind[rng.integers(len(kind))]] + held[at + 1 :]
        if len(set(other)) == len(held) and unevenness(other) <= unevenness(held):
            held = other
    held = [held[i] for i in rng.permutation(len(held))]  # so that the first few are of every kind
    rng = np.random.default_rng((seed, 7))
    one = [s for s in by_kind["moving"] + by_kind["falling"] if s not in held]
    pairs = [s for s in by_kind["pair"] if s not in held]
    return one + [pairs[i] for i in sorted(rng.choice(len(pairs), len(one), replace=False))], held


def main():
    out = sys.argv[1]
    train, held = split()
    for name, scenes in (("prompts.txt", train), ("held_out.txt", held)):
        with open(f"{out}/{name}", "w", encoding="utf-8") as file:
            file.write("".join(s.prompt + "\n" for s in scenes))
    shutil.copy(questions.TEMPLATES, f"{out}/questions.json")
    print(len(train), "to train on,", len(held), "held out, unevenness", unevenness(held))


if __name__ == "__main__":
    main()
