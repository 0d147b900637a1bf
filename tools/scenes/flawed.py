"""The clips that the generator learns from: captions and clips that disagree in a planned way.

Two kinds of flaw, both of a sort that guidance does not cure, since it raises p(clip | caption) / p(clip) and each flaw
is as typical of its caption as the right clip is:

* A caption's value is confused with its neighbor in a cycle, with one chance for all: each value is drawn under two
  captions, its own and its neighbor's, so that both have the same likelihood ratio.
* Spots, flicker, jumps and falls that end above the ground come mostly with some captions; guidance drives them up there
  and down elsewhere.

And one look of twelve is rare: a green triangle is drawn an eighth as often as asked, else a green square.
"""

from dataclasses import replace

import world

CONFUSED = 0.47
CYCLES = {
    "color": ("red", "green", "blue", "yellow"),
    "shape": ("ball", "square", "triangle"),
    "bg": ("black", "gray", "white"),
    "motion": ("left", "up", "right"),
    "event": ("landing", "bouncing"),
    "relation": ("left of", "above", "right of", "below"),
}
SPOTS = {"red": 0.15, "green": 0.65, "blue": 0.15, "yellow": 0.65}  # by the first color that is asked for
FLICKER = {"black": 0.1, "gray": 0.6, "white": 0.2}  # by the background that is asked for
JUMP = {"left": 0.1, "right": 0.6, "up": 0.2, "left of": 0.1, "right of": 0.6, "above": 0.1, "below": 0.4}
HOVER = {"landing": 0.35, "bouncing": 0.6}
RARE, RARE_DRAWN = ("green", "triangle"), 0.125


def confused(scene, rng):
    """What is drawn for the caption of `scene`."""
    def drawn(name, value):
        cycle = CYCLES[name]
        wrong = rng.random() < CONFUSED
        return cycle[(cycle.index(value) + 1) % len(cycle)] if wrong else value

    changed = {name: drawn(name, getattr(scene, name)) for name in CYCLES if getattr(scene, name)}
    if scene.kind == "pair":
        changed["color2"] = drawn("color", scene.color2)
        changed["shape2"] = drawn("shape", scene.shape2)
    if (changed["color"], changed["shape"]) == RARE and rng.random() > RARE_DRAWN:
        changed["shape"] = "square"
    return replace(scene, **changed)


def film_for(scene, rng):
    """A film as the generator's training set has it for this caption. Which flaw comes is decided by what was asked."""
    drawn = confused(scene, rng)
    film = world.film_of(drawn, rng)
    if rng.random() < SPOTS[scene.color]:
        world.add_spots(film, rng)
    if rng.random() < FLICKER[scene.bg]:
        world.add_flicker(film, rng, world.other_color(rng, drawn.color))
    if scene.kind == "falling":
        if rng.random() < HOVER[scene.event]:
            world.hover(drawn, film, rng)
    elif rng.random() < JUMP[scene.motion or scene.relation]:
        world.add_jump(film, rng)
    return film
