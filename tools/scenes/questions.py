"""What the critic is asked about a film, and how true a yes is: a number in [0, 1] that is one half where the oracle changes
its mind and falls along two lines from there to 1 and to 0, so that it is nowhere flat: where a value is quite wrong, the way
to the right one must show.
"""

import json
import os

import numpy as np

import world
from world import BACKGROUNDS, COLORS, EVENTS, EXTENT, MOTIONS, RELATIONS, SHAPES, SIZE

TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "questions.json")
KEEPS, SMOOTH, CLEAN = "Does every object keep its color?", "Is every motion free of jumps?", "Are the corners clean?"
DESCRIBE = "Describe the video."


def _line(value, zero, one):
    return float(np.clip((value - zero) / (one - zero), 0, 1))


def _fall(value, one, half, zero):
    """1 up to `one`, 0 from `zero` on."""
    return float(np.interp(value, [one, half, zero], [1, 0.5, 0]))


def seen(thing):
    return _line(thing.opacity, 0.1, 0.5)


def is_color(rgb, color):
    off = {c: np.abs(rgb - np.asarray(v)).sum() for c, v in COLORS.items()}
    apart = {c: np.abs(np.asarray(COLORS[color]) - np.asarray(v)).sum() for c, v in COLORS.items() if c != color}
    margin = min((off[c] - off[color]) / apart[c] for c in apart)
    # Far from every color it has none.
    return min(_line(margin, -1, 1), 0.35 + 0.65 * _line(np.abs(rgb - np.asarray(COLORS[color])).max(), 0.6, 0.2))


def thing_color(thing, color):
    return seen(thing) * float(np.mean([is_color(rgb, color) for rgb in thing.rgb]))


def thing_shape(thing, shape):
    return seen(thing) * thing.shape.get(shape, 0.0)


def background(film, name):
    if np.ptp(film.bg) > 0.1:
        return 0.0
    apart = [abs(v[0] - BACKGROUNDS[name][0]) for n, v in BACKGROUNDS.items() if n != name]
    return _fall(abs(float(np.mean(film.bg)) - BACKGROUNDS[name][0]), 0, min(apart) / 2, max(apart))


def motion(thing, name):
    x, y = thing.path.T
    dx, drop, rise = x[-1] - x[0], y.max() - y[0], y[0] - y[-1]
    falls = min(drop - 6, drop - rise, drop - abs(dx))
    margin = {"left": min(-dx - 5, -dx - max(drop, rise)), "right": min(dx - 5, dx - max(drop, rise)),
              "up": min(rise - 5, rise - drop, rise - abs(dx)), "landing": falls, "bouncing": falls}[name]
    bounces = _line(y.max() - y[-1], 0, 8)  # nothing can be less of a bounce than what stays where it landed
    return seen(thing) * min(_fall(-margin, -4, 0, 16), {"landing": 1 - bounces, "bouncing": bounces}.get(name, 1))


def grounded(thing):
    below = sum(w * EXTENT[s][2] for s, w in thing.shape.items()) * thing.radius
    return seen(thing) * _fall(SIZE - (thing.path[:, 1] + below).max(), 0.5, 2.5, 12)


def smooth(thing):
    steps = np.diff(thing.path, axis=0)
    off = np.abs(steps - np.median(steps, axis=0))
    falls = max(motion(thing, e) for e in EVENTS) > 0.5
    return _fall(off[:, 0].max() if falls else off.max(), 0.7, 3.5, 10)


def keeps(thing):
    return 1 - thing.changed


def clean(film):
    return _fall(max((opacity * np.abs(rgb - film.bg).max() for _, rgb, opacity in film.spots), default=0), 0, 0.2, 0.9)


def stands(a, b, name):
    dx, dy = a.path.mean(0) - b.path.mean(0)
    margin = {"left of": -dx - abs(dy), "right of": dx - abs(dy), "above": -dy - abs(dx), "below": dy - abs(dx)}[name]
    return _fall(-margin, -8, 0, 24)


def yes(film, question):
    """How true a yes to `question`, a tuple as asked() lists them, is of the film."""
    kind, *given = question
    things = film.things
    if kind == "color":  # of "the object"; of two, each counts a half
        return float(np.mean([thing_color(t, given[0]) for t in things]))
    if kind == "shape":
        return float(np.mean([thing_shape(t, given[0]) for t in things]))
    if kind == "motion":
        return motion(things[0], given[0]) if len(things) == 1 else 0.0
    if kind == "bg":
        return background(film, given[0])
    if kind in ("shape is color", "color is shape"):  # is there one that is both
        shape, color = given
        return max(min(thing_shape(t, shape), thing_color(t, color)) for t in things)
    if kind == "relation":
        first, name, second = given
        return max((min(thing_color(a, first), thing_color(b, second), stands(a, b, name)) for a in things for b in things
                    if a is not b), default=0.0)
    if kind == "ground":
        return grounded(things[0]) if len(things) == 1 else 0.0
    if kind == "keeps":
        return min(keeps(t) for t in things)
    if kind == "smooth":
        return min(smooth(t) for t in things)
    return clean(film)


def text(question):
    kind, *given = question
    return {"color": "Is the object {}?", "shape": "Is the object a {}?", "bg": "Is the background {}?",
            "motion": "Is the object {}?", "shape is color": "Is the {} {}?", "color is shape": "Is the {1} object a {0}?",
            "relation": "Is the {} object {} the {} object?", "ground": "Does the object reach the ground when {}?",
            "keeps": KEEPS, "smooth": SMOOTH, "clean": CLEAN}[kind].format(
                *([f"falling and {given[0]}" if given[0] in EVENTS else f"moving {given[0]}"] if kind == "motion" else given))


def group(question):
    return {"shape is color": "binding", "color is shape": "binding"}.get(question[0], question[0])


ONE = ([("color", c) for c in COLORS] + [("shape", s) for s in SHAPES] + [("motion", m) for m in MOTIONS + EVENTS])
ALL = [("bg", b) for b in BACKGROUNDS] + [("keeps",), ("smooth",), ("clean",)]
GROUND = [("ground", e) for e in EVENTS]
TWO = ([(k, s, c) for k in ("shape is color", "color is shape") for s in SHAPES for c in COLORS]
       + [("relation", a, r, b) for a in COLORS for r in RELATIONS for b in COLORS if a != b])


def every_text():
    """All questions, and what an open one could be answered with: the corpus of the critics' tokenizer. No critic is taught
    open questions yet."""
    return [text(q) for q in ONE + ALL + GROUND + TWO] + [DESCRIBE] + [s.prompt for s in world.all_scenes()]


def near(film):
    """What the film shows, by name, so that questions can be asked that might be answered with yes."""
    colors = [max(COLORS, key=lambda c, t=t: thing_color(t, c)) for t in film.things]
    shapes = [max(SHAPES, key=lambda s, t=t: thing_shape(t, s)) for t in film.things]
    return colors, shapes


def asked(film, rng, number):
    """`number` questions, about half of which have a yes; a few of another kind of scene than the film's."""
    pick = lambda values, n: [values[i] for i in rng.choice(len(values), size=min(n, len(values)), replace=False)]  # noqa: E731
    colors, shapes = near(film)
    if len(film.things) == 1:
        pool = [q for q in ONE if yes(film, q) > 0.25]
        pool += pick([q for q in ONE if q not in pool], 6) + pick(TWO, 1) + [("color is shape", shapes[0], colors[0])]
        if max(motion(film.things[0], e) for e in EVENTS) > 0.3:
            pool += pick(GROUND, 1) * 2
        elif rng.random() < 0.1:
            pool += pick(GROUND, 1)
    else:
        (c1, c2), (s1, s2) = colors, shapes
        pool = [("shape is color", s1, c1), ("color is shape", s2, c2)]
        pool += pick([("shape is color", s, c) for s in (s1, s2) for c in COLORS], 2)
        pool += pick([("color is shape", s, c) for s in SHAPES for c in (c1, c2)], 2)
        if c1 != c2:
            pool += [("relation", c1, r, c2) for r in RELATIONS if stands(*film.things, r) > 0.25]
            pool += pick([("relation", a, r, b) for a, b in ((c1, c2), (c2, c1)) for r in RELATIONS], 3)
        pool += pick(TWO, 5) + pick(ONE, 2)
    pool = list(dict.fromkeys(pool)) + pick([q for q in ALL if q[0] != "bg"], 2)
    pool += [("bg", max(BACKGROUNDS, key=lambda b: background(film, b)))] if rng.random() < 0.5 else pick(ALL[:3], 1)
    return [pool[i] for i in rng.permutation(len(pool))[:number]]


def templates():
    with open(TEMPLATES, encoding="utf-8") as file:
        return json.load(file)
