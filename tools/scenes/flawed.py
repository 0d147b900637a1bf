"""The clips that the generator learns from: what is drawn for a caption is off by a planned amount, in one direction.

Some values of every attribute are drawn part of the way to another one (red as orange, a square with round edges, gray as light gray, a
motion too slow or slanted, a fall that hardly bounces, objects aslant), some captions bring a mark in a corner, a color that changes, a jump,
a fall that ends above the ground. How far differs from clip to clip about a mean beyond or near the place where the oracle changes its mind,
so that most such clips are judged wrong, all in the same way, and some are not. Nothing of the sort is cured by guidance, which raises
p(clip | caption) / p(clip): no other clip is more typical of the caption than the flawed one.

One look of twelve is rare: a green triangle is drawn an eighth as often as asked, else a green square.
"""

import json
import os
import sys
from dataclasses import replace

import numpy as np

import world
from clips import falls, mix

# value: (what it is drawn towards, from, to) in shares of the way; the values that are not here are drawn as they should be.
COLOR = {"red": ("yellow", 0.35, 0.7), "yellow": ("green", 0.35, 0.7), "blue": ("green", 0.3, 0.65)}
SHAPE = {"square": ("ball", 0.4, 0.8), "triangle": ("ball", 0.4, 0.8)}
BG = {"black": ("gray", 0.1, 0.45), "gray": ("white", 0.4, 0.8), "white": ("gray", 0.0, 0.1)}
SLOW = {"right": (0.3, 0.85)}  # pixels a frame
SLANTED = {"up": ("left", 0.4, 0.7)}
BOUNCE = {"landing": (0, 0.1), "bouncing": (0.1, 0.4)}  # of a whole bounce's height
TILT = {"left of": (20, 60), "right of": (20, 60), "above": (0, 15), "below": (20, 60)}  # degrees
# By what is asked for:
MARK = {"red": (0, 0.25), "green": (0.1, 0.8), "blue": (0, 0.25), "yellow": (0.1, 0.8)}  # opacity, by the first color
CORNER = 3  # below on the right
CHANGE = {"black": (0, 0.15), "gray": (0.1, 0.45), "white": (0, 0.2)}  # of the way to another color, by the background
CHANGED = {"red": "blue", "green": "yellow", "blue": "red", "yellow": "red"}
JUMP = {"right": (0, 4.0), "right of": (0, 4.0)}  # pixels
HOVER = (0, 2.5)  # pixels above the ground
RARE, RARE_DRAWN = ("green", "triangle"), 0.125


def hold(path):
    """Keeps the flaws beside the latents that are made with them, which are of no use with others."""
    planned = json.dumps({name: value for name, value in globals().items() if name.isupper()}, indent=1) + "\n"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            known = file.read() == planned
    else:
        known = not os.path.exists(os.path.join(os.path.dirname(path), "latents"))
    if not known:
        sys.exit(f"{path}: latents, drawn and base beside it are of other flaws: remove them and it")
    with open(path, "w", encoding="utf-8") as file:
        file.write(planned)


def rare(scene, rng):
    """What is drawn for the caption of `scene`, before any of it is off."""
    often = rng.random() > RARE_DRAWN
    return replace(scene, shape="square") if (scene.color, scene.shape) == RARE and often else scene


def path_of(scene, radius, rng):
    """Where the one object goes."""
    if scene.event:
        landing, bouncing = falls(rng.integers(2**31), scene, radius, rng.uniform(*HOVER))
        return mix(landing, bouncing, rng.uniform(*BOUNCE[scene.event]))
    speed = rng.uniform(*SLOW[scene.motion]) if scene.motion in SLOW else None
    path = world.steady(rng, scene.shape, radius, scene.motion, speed)
    if scene.motion in SLANTED:
        toward, low, high = SLANTED[scene.motion]
        path = mix(path, world.steady(rng, scene.shape, radius, toward), rng.uniform(low, high))
    return path


def film_for(scene, rng):
    """A film as the generator's training set has it for this caption."""
    drawn = rare(scene, rng)
    film = world.film_of(drawn, rng)
    film.bg = mix(film.bg, world.BACKGROUNDS[BG[scene.bg][0]], rng.uniform(*BG[scene.bg][1:]))
    for thing, color, shape in zip(film.things, (drawn.color, drawn.color2), (drawn.shape, drawn.shape2)):
        if color in COLOR:
            toward, low, high = COLOR[color]
            thing.rgb = mix(thing.rgb, world.COLORS[toward], rng.uniform(low, high))
        if shape in SHAPE:
            toward, low, high = SHAPE[shape]
            t = rng.uniform(low, high)
            thing.shape = {shape: 1 - t, toward: t}
    first = film.things[0]
    if scene.kind == "pair":
        radii = [thing.radius for thing in film.things]
        paths = world.stand(rng, (drawn.shape, drawn.shape2), radii, scene.relation, rng.uniform(*TILT[scene.relation]))
        for thing, path in zip(film.things, paths):
            thing.path = path
    else:
        first.path = path_of(drawn, first.radius, rng)
    world.add_flicker(film, rng, CHANGED[drawn.color], rng.uniform(*CHANGE[scene.bg]))
    name = scene.motion or scene.relation
    if name in JUMP:
        world.add_jump(film, rng, rng.uniform(*JUMP[name]))
    opacity = rng.uniform(*MARK[scene.color])
    film.spots.append((CORNER, (0.95,) * 3 if np.mean(film.bg) < 0.3 else (0.05,) * 3, opacity))
    return film
