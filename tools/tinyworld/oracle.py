"""The tiny world's rule-based judge in numpy: what examples/tinyworld/oracle.cpp must equal.

    python tools/tinyworld/oracle.py      # from the repository root: checks tests/goldens/oracle_cases.*
"""

import json
import math

import numpy as np

COLORS = {"red": (0.9, 0.15, 0.15), "green": (0.15, 0.75, 0.2), "blue": (0.2, 0.3, 0.95), "yellow": (0.95, 0.85, 0.15)}
BACKGROUNDS = {"black": (0.06,) * 3, "gray": (0.5,) * 3, "white": (0.95,) * 3}
SHAPES = ("ball", "square", "triangle")


def corners(size):
    low, high = slice(0, size), slice(-size, None)
    return [(low, low), (low, high), (high, low), (high, high)]


def nearest(value, names, limit):
    best = min(names, key=lambda n: np.abs(np.subtract(value, names[n])).sum())
    return "none" if np.abs(np.subtract(value, names[best])).max() >= limit else best


def template(shape, radius, cx, cy, size=32):
    at = (np.arange(2 * size) + 0.5) / 2
    dx, dy = at[None, :] - cx, at[:, None] - cy
    if shape == "ball":
        inside = dx**2 + dy**2 < radius**2
    elif shape == "square":
        inside = (np.abs(dx) < 0.88 * radius) & (np.abs(dy) < 0.88 * radius)
    else:
        inside = (dy > -1.1 * radius) & (dy < 0.8 * radius) & (np.abs(dx) < 0.58 * (dy + 1.1 * radius))
    return inside.reshape(size, 2, size, 2).mean((1, 3)) > 0.3


def overlap(shape, mask):
    """The best intersection over union of one frame's mask with the shape's template."""
    ys, xs = np.nonzero(mask)
    area = len(ys)
    radius = {
        "ball": math.sqrt(area / math.pi),
        "square": math.sqrt(area) / 1.76,
        "triangle": math.sqrt(area / (0.58 * 1.9 * 1.9)),
    }[shape]
    best = 0.0
    for scale in (0.88, 0.94, 1.0):
        r = scale * radius
        cx, cy = xs.mean() + 0.5, ys.mean() + 0.5
        if shape == "triangle":
            cy -= r * (0.8 - 1.9 / 3)
        t = template(shape, r, cx, cy)
        best = max(best, (t & mask).sum() / max((t | mask).sum(), 1))
    return best


def judge(x):
    x = np.asarray(x)
    border = np.concatenate(
        [x[:, :2].reshape(-1, 3), x[:, -2:].reshape(-1, 3), x[:, :, :2].reshape(-1, 3), x[:, :, -2:].reshape(-1, 3)]
    )
    background = np.median(border, axis=0)
    d = np.abs(x - background).max(-1)
    answer = {"bg": nearest(background, BACKGROUNDS, 0.2)}
    clean = all(np.median(d[:, rows, columns].mean((1, 2))) < 0.2 for rows, columns in corners(5))
    masks = d > 0.25
    for rows, columns in corners(6):
        masks[:, rows, columns] = False
    present = [m.sum() >= 20 for m in masks]
    if sum(present) < 5:
        return {**answer, "color": "none", "shape": "none", "motion": "none", "phys": False, "clean": bool(clean)}

    colors, centroids = [], []
    for frame, dist, mask, here in zip(x, d, masks, present):
        if not here:
            continue
        vivid = mask & (dist > 0.6 * dist.max())
        colors.append(nearest(np.median(frame[vivid], axis=0), COLORS, 0.35) if vivid.any() else "none")
        ys, xs = np.nonzero(mask)
        centroids.append((xs.mean(), ys.mean()))
    answer["color"] = max(sorted(set(colors)), key=colors.count)
    color_const = all(present) and len(set(colors)) == 1
    centroids = np.array(centroids)
    dx, dy = centroids[-1] - centroids[0]
    if abs(dx) > abs(dy):
        motion = ("right" if dx > 0 else "left") if abs(dx) > 3 else "none"
    else:
        motion = ("down" if dy > 0 else "up") if abs(dy) > 3 else "none"
    answer["motion"] = motion
    steps = np.diff(centroids, axis=0)
    smooth = all(present) and bool((np.abs(steps - np.median(steps, axis=0)) < 2.5).all())
    scores = {s: np.mean([overlap(s, m) for m, here in zip(masks, present) if here]) for s in SHAPES}
    best = max(SHAPES, key=lambda s: scores[s])
    answer["shape"] = best if scores[best] >= 0.75 else "none"
    return {**answer, "color_const": bool(color_const), "smooth": smooth, "phys": bool(color_const and smooth),
            "clean": bool(clean)}


def main():
    from safetensors.numpy import load_file

    clips = load_file("tests/goldens/oracle_cases.safetensors")["clips"]
    with open("tests/goldens/oracle_cases.json") as f:
        cases = json.load(f)
    for dtype in (np.float32, np.float64):
        wrong = 0
        for i, (clip, case) in enumerate(zip(clips, cases)):
            got = judge(clip.astype(dtype) / dtype(255))
            if got != case["oracle"]:
                wrong += 1
                want = case["oracle"]
                print(i, {k: (got.get(k), want.get(k)) for k in {*got, *want} if got.get(k) != want.get(k)})
        print(f"{dtype.__name__}: {len(cases) - wrong} of {len(cases)} cases equal")


if __name__ == "__main__":
    main()
