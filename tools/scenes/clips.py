"""Clips to learn from: every flaw and every state between two named values, not only what sentences say."""

import numpy as np

import world
from world import BACKGROUNDS, COLORS, EVENTS, SHAPES


def mix(a, b, share):
    return np.asarray(a) + share * (np.asarray(b) - np.asarray(a))


def falls(seed, scene, radius, gap, events=EVENTS):
    """Paths of the same fall with each of two ends."""
    return [world.fall(np.random.default_rng(seed), scene.shape, radius, event, gap) for event in events]


def any_film(rng):
    """Any clip of the world: a scene, each flaw with its chance, and in one clip of three something in between."""
    scene = world.draw_scene(rng)
    film = world.film_of(scene, rng)
    first = film.things[0]
    if scene.kind == "falling":
        if rng.random() < 0.35:
            world.hover(scene, film, rng, gap=rng.uniform(1, 12))
    elif rng.random() < 0.25:
        world.add_jump(film, rng, size=rng.uniform(1, 9))
    if rng.random() < 0.25:
        world.add_flicker(film, rng, world.other_color(rng, scene.color), amount=rng.uniform(0.3, 1))
    if rng.random() < 0.3:
        world.add_spots(film, rng, amount=rng.uniform(0.3, 1))
    if rng.random() < 0.4:
        in_between(rng, scene, film)
    return film


def in_between(rng, scene, film):
    """Moves one property of the film to somewhere between two of its named values."""
    first = film.things[0]
    pick = rng.integers(6)
    if pick == 0:
        share = rng.random()
        first.shape = {scene.shape: 1 - share, SHAPES[(SHAPES.index(scene.shape) + rng.integers(1, 3)) % 3]: share}
    elif pick == 1:
        first.rgb = mix(first.rgb, COLORS[world.other_color(rng, scene.color)], rng.random())
    elif pick == 2:
        film.bg = mix(film.bg, list(BACKGROUNDS.values())[rng.integers(3)], rng.random())
    elif pick == 3:
        for thing in film.things[: rng.integers(1, 3)]:
            thing.opacity = rng.uniform(0.1, 1)
    elif scene.kind == "moving":
        first.path = world.steady(rng, scene.shape, first.radius, scene.motion, speed=rng.uniform(0, 1.4))
    elif scene.kind == "falling":
        first.path = world.fall(rng, scene.shape, first.radius, scene.event, rebound=rng.uniform(0.1, 0.7))
    else:
        paths = world.stand(rng, (scene.shape, scene.shape2), [t.radius for t in film.things], scene.relation,
                            tilt=rng.uniform(-50, 50))
        for thing, path in zip(film.things, paths):
            thing.path = path
