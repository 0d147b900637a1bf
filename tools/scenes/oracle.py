"""The rule that says what a clip of the world `scenes` shows, in numpy: what examples/scenes/oracle.cpp must equal.

    python tools/scenes/oracle.py      # from the repository's root: checks tests/goldens/scenes_cases.*

Nothing in it is learnt. docs/scenes.md says each step in words.
"""

import json
import sys

import numpy as np

from world import BACKGROUNDS, COLORS, SHAPES

CORNER, MARGIN = 5, 6  # a spot's place; what is never part of an object
CORE = 40  # the contrast of a frame is that of its 40th strongest pixel: an object has more, noise has not
FAINT = 0.25  # less contrast: nothing is there
LEAST_AREA, LEAST_FRAMES = 50, 5
GROUND = 2  # rows between the object and the frame's end that still count as the ground
MOVED, FELL, BACK = 5.0, 6.0, 4.0  # pixels
JUMP, FASTEST = 3.5, 15.0
RADII = (0.9, 0.95, 1.0, 1.05)
OVERLAP = 0.75
AREA = {"ball": np.pi, "square": 1.76**2, "triangle": 0.6 * 2.2**2}
CENTRE = {"ball": 0.0, "square": 0.0, "triangle": 0.9 - 2.2 / 3}  # the centroid below the centre, in radii


def corners(size):
    low, high = slice(0, size), slice(-size, None)
    return [(low, low), (low, high), (high, low), (high, high)]


def nearest(value, names, limit):
    best = min(names, key=lambda n: np.abs(np.subtract(value, names[n])).sum())
    return "none" if np.abs(np.subtract(value, names[best])).max() >= limit else best


def components(mask):
    """The 4-connected parts of at least LEAST_AREA pixels, the largest first, then in the order of the rows."""
    height, width = mask.shape
    left, parts = mask.copy(), []
    for y, x in np.argwhere(mask):
        if not left[y, x]:
            continue
        left[y, x], stack, at = False, [(y, x)], []
        while stack:
            cy, cx = stack.pop()
            at.append((cy, cx))
            for ny, nx in ((cy - 1, cx), (cy + 1, cx), (cy, cx - 1), (cy, cx + 1)):
                if 0 <= ny < height and 0 <= nx < width and left[ny, nx]:
                    left[ny, nx] = False
                    stack.append((ny, nx))
        if len(at) >= LEAST_AREA:
            part = np.zeros_like(mask)
            part[tuple(np.array(at).T)] = True
            parts.append(part)
    return sorted(parts, key=lambda p: -int(p.sum()))  # stable


def inner(part):
    """The part without its edge; all of it where nothing is left."""
    padded = np.pad(part, 1)
    kept = part & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return kept if kept.any() else part


def template(shape, radius, cx, cy, size):
    height, width = size
    dx, dy = np.arange(width)[None, :] + 0.5 - cx, np.arange(height)[:, None] + 0.5 - cy
    if shape == "ball":
        return dx**2 + dy**2 < radius**2
    if shape == "square":
        return (np.abs(dx) < 0.88 * radius) & (np.abs(dy) < 0.88 * radius)
    return (dy < 0.9 * radius) & (np.abs(dx) < 0.6 * (dy + 1.3 * radius))


def overlap(shape, part, cx, cy):
    """The best intersection over union with the shape's template at the part's centroid."""
    best = 0.0
    for scale in RADII:
        r = scale * np.sqrt(part.sum() / AREA[shape])
        t = template(shape, r, cx + 0.5, cy + 0.5 - CENTRE[shape] * r, part.shape)
        best = max(best, (t & part).sum() / max((t | part).sum(), 1))
    return best


def see(frame, part):
    ys, xs = np.nonzero(part)
    cx, cy = xs.mean(), ys.mean()
    color = nearest(np.median(frame[inner(part)], axis=0), COLORS, 0.35)
    return {"cx": cx, "cy": cy, "low": int(ys.max()), "color": color,
            "overlap": {s: overlap(s, part, cx, cy) for s in SHAPES}}


def in_order(before, now):
    """Two objects of a frame in the order of the frame before."""
    far = lambda a, b: (a["cx"] - b["cx"]) ** 2 + (a["cy"] - b["cy"]) ** 2  # noqa: E731
    kept = far(before[0], now[0]) + far(before[1], now[1])
    swapped = far(before[0], now[1]) + far(before[1], now[0])
    return now[::-1] if swapped < kept else now


def even(track, falls):
    """No jump: no step far from the median step. A fall's speed changes: there only its greatest step is bounded."""
    steps = np.diff([(o["cx"], o["cy"]) for o in track], axis=0)
    off = np.abs(steps - np.median(steps, axis=0))
    return bool((off[:, 0] < JUMP).all() and ((np.abs(steps[:, 1]) < FASTEST).all() if falls else (off[:, 1] < JUMP).all()))


def motion_of(track):
    y = [o["cy"] for o in track]
    dx, drop, rise = track[-1]["cx"] - track[0]["cx"], max(y) - y[0], y[0] - y[-1]
    if abs(dx) >= MOVED and abs(dx) > max(drop, rise):
        return "right" if dx > 0 else "left"
    if drop >= FELL and drop > rise:
        return "bouncing" if max(y) - y[-1] >= BACK else "landing"
    return "up" if rise >= MOVED else "still"


def relation(a, b):
    """Where a is, seen from b: from the mean centroids of their tracks."""
    dx, dy = (np.mean([o[k] for o in a]) - np.mean([o[k] for o in b]) for k in ("cx", "cy"))
    if abs(dx) > abs(dy):
        return "left of" if dx < 0 else "right of"
    return "above" if dy < 0 else "below"


def judge(x):
    """What the clip x [F,H,W,3] shows: bg, clean, count (of the most frames), objects (the two largest at most: color,
    shape, kept = its color in every frame), motion (of one object), relation (of two: of the first to the second),
    smooth, grounded (of a fall) and phys."""
    x = np.clip(np.asarray(x, np.float64), 0, 1)
    border = np.concatenate([part.reshape(-1, 3) for part in (x[:, :2], x[:, -2:], x[:, :, :2], x[:, :, -2:])])
    ground = np.median(border, axis=0)
    d = np.abs(x - ground).max(-1)
    clean = all(np.median(d[:, r, c].mean((1, 2))) < 0.2 for r, c in corners(CORNER))
    answer = {"bg": nearest(ground, BACKGROUNDS, 0.2), "clean": bool(clean), "count": 0, "objects": [], "motion": "none",
              "relation": "none", "smooth": False, "grounded": None, "phys": False}
    for r, c in corners(MARGIN):
        d[:, r, c] = 0
    frames = []
    for frame, far in zip(x, d):
        contrast = np.sort(far, axis=None)[-CORE]
        frames.append([see(frame, p) for p in components(far > contrast / 2)] if contrast >= FAINT else [])
    counts = [len(objects) for objects in frames]
    count = max(sorted(set(counts)), key=counts.count)
    kept = min(count, 2)
    usable = [objects[:kept] for objects in frames if len(objects) >= kept]
    if count == 0 or len(usable) < LEAST_FRAMES:
        return answer
    for i in range(1, len(usable)):
        if kept == 2:
            usable[i] = in_order(usable[i - 1], usable[i])
    whole = all(c == count for c in counts)
    tracks = list(zip(*usable))
    for track in tracks:
        colors = [o["color"] for o in track]
        scores = {s: np.mean([o["overlap"][s] for o in track]) for s in SHAPES}
        best = max(SHAPES, key=lambda s: scores[s])
        answer["objects"].append({"color": max(sorted(set(colors)), key=colors.count),
                                  "shape": best if scores[best] >= OVERLAP else "none",
                                  "kept": whole and len(set(colors)) == 1})
    answer["count"] = count
    if count == 1:
        answer["motion"] = motion_of(tracks[0])
    elif count == 2:
        answer["relation"] = relation(*tracks)
    falls = answer["motion"] in ("landing", "bouncing")
    answer["smooth"] = whole and all(even(track, falls) for track in tracks)
    if falls:
        answer["grounded"] = max(o["low"] for o in tracks[0]) >= x.shape[1] - 1 - GROUND
    answer["phys"] = answer["smooth"] and all(o["kept"] for o in answer["objects"]) and answer["grounded"] is not False
    return answer


OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above", "none": "none"}


def marks(answer, scene):
    """What of a scene the clip shows, each in [0, 1] or None where the sentence does not speak of it. Two objects are
    matched with the two that were asked for by what they look like. Where both ways fit as well, nobody can say which is
    which: then their relation is not what was asked for."""
    wanted = [(scene.color, scene.shape)] + ([(scene.color2, scene.shape2)] if scene.kind == "pair" else [])
    seen = answer["objects"]
    ways = []
    for order in ((0, 1), (1, 0)):
        # wanted[i] is seen[order[i]]; of one and two the other has no partner.
        pairs = [(w, seen[order[i]]) for i, w in enumerate(wanted) if order[i] < len(seen)]
        color = sum(w[0] == o["color"] for w, o in pairs) / len(wanted)
        shape = sum(w[1] == o["shape"] for w, o in pairs) / len(wanted)
        ways.append((color + shape, color, shape, answer["relation"] if order == (0, 1) else OPPOSITE[answer["relation"]]))
    _, color, shape, stands = max(ways, key=lambda way: way[0])
    held = float(ways[0][0] != ways[1][0] and stands == scene.relation) if scene.kind == "pair" else None
    count = float(answer["count"] == len(wanted))
    motion = None if scene.kind == "pair" else float(answer["motion"] in (scene.motion or scene.event,))
    bg = float(answer["bg"] == scene.bg)
    ta = (color + shape + bg + (held if motion is None else motion)) / 4
    return {"color": color, "shape": shape, "motion": motion, "relation": held, "bg": bg, "count": count, "TA": ta,
            "TA_all": float(ta == 1 and count == 1), "phys": float(answer["phys"]), "clean": float(answer["clean"])}


def shares(all_marks):
    """The mean of each mark over the clips whose sentence speaks of it."""
    return {k: float(np.mean([m[k] for m in all_marks if m[k] is not None])) for k in all_marks[0]
            if any(m[k] is not None for m in all_marks)}


def main():
    from safetensors.numpy import load_file

    from world import parse

    clips = load_file("tests/goldens/scenes_cases.safetensors")["clips"]
    with open("tests/goldens/scenes_cases.json", encoding="utf-8") as file:
        cases = json.load(file)
    bad = 0
    for dtype in (np.float32, np.float64):
        wrong = 0
        for i, (clip, case) in enumerate(zip(clips, cases)):
            got = judge(clip.astype(dtype) / dtype(255))
            if got != case["oracle"] or marks(got, parse(case["prompt"])) != case["marks"]:
                wrong += 1
                print(i, got, case["oracle"])
        print(f"{dtype.__name__}: {len(cases) - wrong} of {len(cases)} cases equal")
        bad += wrong
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
