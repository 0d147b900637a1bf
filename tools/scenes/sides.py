"""Which of two objects stands on which side of the other: films of two, turned by any angle, about which every relation is asked both ways round; and
a head for it on the vision tower.

The critics of before knew whether two objects stand side by side or one above the other and not which is which: "Is the red object left of the blue
object?" was answered with yes as often where it stood on the right. The language model hardly sees columns (of its rotary frequencies theirs are the lowest, a
thousandth of a turn over the whole frame), the tower knows where a patch is relative to others alone, and questions had not taught it to tell. Asked of the tokens of an
object where the other one is, it learns to within 200 steps.
"""

import numpy as np
import torch

import critic_model as critic
import world
from clips import mix

FAR = 24  # pixels, of one in `far`


class Sides(torch.nn.Module):
    """Thrown away afterwards: of the mean of the tokens that an object covers, where the other object is from there."""

    def __init__(self, width):
        super().__init__()
        self.far = torch.nn.Linear(width, 2)

    def loss(self, seen, cover, far):
        """seen [B, TIMES*9, width], cover [B, 2, TIMES, 9] and far [B, 2, 2] as far_of() has it."""
        weight = cover / cover.sum(-1, keepdim=True).clamp_min(1e-6)
        said = (self.far(seen.reshape(len(seen), 1, critic.TIMES, 9, -1)) * weight[..., None]).sum(3)
        there = cover.sum(-1) > 0.05
        return torch.nn.functional.smooth_l1_loss(said[there], far[:, :, None].expand_as(said)[there])


def far_of(film):
    """From each of two objects to the other (x, y), in the mean of the clip [2, 2]; nothing where there is one."""
    if len(film.things) < 2:
        return np.zeros((2, 2), np.float32)
    a, b = (thing.path.mean(0) / FAR for thing in film.things)
    return np.stack([b - a, a - b]).astype(np.float32)


def film_of(rng):
    """(film, scene) of two objects that are turned by any angle, with colors and shapes that may be a little off."""
    scene = world.draw_scene(rng, kinds=(0, 0, 1))
    film = world.film_of(scene, rng)
    for thing, path in zip(film.things, world.stand(rng, (scene.shape, scene.shape2), [t.radius for t in film.things], scene.relation,
                                                    tilt=rng.uniform(-45, 45))):
        thing.path = path
    for thing, color, shape in zip(film.things, (scene.color, scene.color2), (scene.shape, scene.shape2)):
        thing.rgb = mix(thing.rgb, world.COLORS[world.other_color(rng, color)], 0.4 * rng.random() ** 2)
        off = 0.4 * rng.random() ** 2
        thing.shape = {shape: 1 - off, next(s for s in world.SHAPES if s != shape): off}
    return film, scene


def asked(scene):
    """Every relation, both ways round [8]."""
    named = ((scene.color, scene.color2), (scene.color2, scene.color))
    return [("relation", a, r, b) for a, b in named for r in world.RELATIONS]
