"""Clips between two values of everything at once, from which a critic learns slopes: how its answer changes as a color, a shape, a path,
a place or the ground goes from one named value to another.

The gradient of a reward needs them. A critic that was taught which of two values it sees, and little of what lies between, is right and flat:
at a green ball the gradient of log p("Is the object red?") had a norm of .08 and a cosine of .07 with the way to the red ball (gradient_quality.py).
"""

from dataclasses import replace

import numpy as np

import questions
import world
from clips import falls, mix
from world import BACKGROUNDS, COLORS, EVENTS, MOTIONS, RELATIONS, SHAPES


ROUND = ("left of", "above", "right of", "below")  # as world.stand() turns


def share(rng, further=0.0):
    """How far from one value to the other: anywhere, or near one of them."""
    near = 0.0 if rng.random() < 0.15 else 0.5 * rng.random() ** (1 if rng.random() < 0.5 else 2)
    return min(1.0, (near if rng.random() < 0.7 else 1 - near) + further)


def other(rng, values, but):
    values = [v for v in values if v != but]
    return values[rng.integers(len(values))]


def stand_between(scene, toward, film, rng, t):
    """Sets two objects between the places of two scenes, along a line or, more often, on a circle; returns what they go towards."""
    radii = [thing.radius for thing in film.things]
    if rng.random() < 0.6:
        turn = 1 if rng.random() < 0.5 else -1
        toward = replace(toward, relation=ROUND[(ROUND.index(scene.relation) + turn) % 4])
        paths = world.stand(rng, (scene.shape, scene.shape2), radii, scene.relation, tilt=90 * turn * t)
    else:
        ends = world.stand(rng, (toward.shape, toward.shape2), radii, toward.relation)
        paths = [mix(thing.path, path, t) for thing, path in zip(film.things, ends)]
    for thing, path in zip(film.things, paths):
        thing.path = path
    return toward


def film_between(rng, further=0.0):
    """(film, scene, toward): the film of a scene of which each property has gone a share of the way to that of `toward`, a scene of the same
    kind; and flaws of any size. The same rng and `further` give the film a little later on its way, in every other property: what a critic is to
    learn is also what its answer does not depend on."""
    later = lambda: share(rng, further * rng.integers(2))  # noqa: E731
    scene = world.draw_scene(rng)
    toward = replace(scene, color=other(rng, COLORS, scene.color), shape=other(rng, SHAPES, scene.shape), bg=other(rng, BACKGROUNDS, scene.bg))
    if scene.kind == "pair":
        toward = replace(toward, color2=other(rng, COLORS, scene.color2), shape2=other(rng, SHAPES, scene.shape2),
                         relation=other(rng, RELATIONS, scene.relation))
    elif scene.motion:
        toward = replace(toward, motion=other(rng, MOTIONS, scene.motion))
    else:
        toward = replace(toward, event=other(rng, EVENTS, scene.event))
    film = world.film_of(scene, rng)
    film.bg = mix(film.bg, BACKGROUNDS[toward.bg], later())
    looks = [(scene.shape, toward.color, toward.shape), (scene.shape2, toward.color2, toward.shape2)]
    for thing, (shape, to_color, to_shape) in zip(film.things, looks):
        thing.rgb = mix(thing.rgb, COLORS[to_color], later())
        t = later()
        thing.shape = {shape: 1 - t, to_shape: t}
    first, t = film.things[0], later()
    if scene.kind == "pair":
        toward = stand_between(scene, toward, film, rng, t)
    elif scene.motion:
        still = first.path.mean(0)
        end = still if rng.random() < 0.4 else world.steady(rng, scene.shape, first.radius, toward.motion)
        first.path = mix(first.path, end, t)
    else:
        gap = 12 * later() if rng.random() < 0.5 else 0.0
        first.path = mix(*falls(rng.integers(2**31), scene, first.radius, gap, (scene.event, toward.event)), t)
    if scene.kind != "falling" and rng.random() < 0.4:
        world.add_jump(film, rng, size=9 * later())
    if rng.random() < 0.4:
        world.add_flicker(film, rng, world.other_color(rng, scene.color), amount=later())
    if rng.random() < 0.5:
        world.add_spots(film, rng, amount=later())
    return film, scene, toward


def asked(scene, toward, rng, number):
    """Questions about both ends."""
    both = (scene, toward)
    pool = [("bg", s.bg) for s in both]
    if scene.kind == "pair":
        for name in ("shape is color", "color is shape"):
            pool += [(name, s, c) for s, c in ((scene.shape, scene.color), (scene.shape2, scene.color2), (scene.shape, toward.color),
                                               (toward.shape, scene.color), (toward.shape2, scene.color2), (scene.shape2, toward.color2))]
        pool = [pool[i] for i in rng.permutation(len(pool))[: number - 5]]
        pool += [("relation", scene.color, s.relation, scene.color2) for s in both]
        pool += [("relation", scene.color2, both[rng.integers(2)].relation, scene.color)]
    else:
        pool += [("color", s.color) for s in both] + [("shape", s.shape) for s in both]
        pool += [("motion", s.motion or s.event) for s in both]
    more = [("keeps",), ("smooth",), ("clean",)] + ([("ground", scene.event)] * 2 if scene.event else [])
    pool += [more[i] for i in rng.permutation(len(more))]
    return pool[:number]
