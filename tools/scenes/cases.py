"""Writes tests/goldens/scenes_cases.*: 48 clips (uint8) with the numpy oracle's answers, which the C++ one must give.

    python tools/scenes/cases.py      # from the repository's root

True clips, each flaw, clips between named values, blurred and noisy ones, three objects, none, and a clip whose object
splits; each with a prompt, its own or another, and the marks for it.
"""

import json

import numpy as np
from safetensors.numpy import save_file

import flawed
import oracle
import world
from clips import any_film
from world import COLORS


SEED = 14  # none of its clips is so near a threshold that float32 and float64 differ


def blurred(clip, times):
    for _ in range(times):
        for axis in (1, 2):
            padded = np.concatenate([clip.take([0], axis), clip, clip.take([-1], axis)], axis)
            n = clip.shape[axis]
            clip = sum(w * padded.take(range(i, i + n), axis) for i, w in enumerate((0.25, 0.5, 0.25)))
    return clip


# Clips of one kind each, so that every answer occurs.
SPECIAL = {
    39: "a green triangle below a blue ball on a black background",
    40: "a red ball left of a blue square on a gray background",
    41: "a green square falling and landing on a black background",
    42: "a green square moving up on a white background",
    43: "a yellow triangle falling and bouncing on a black background",
    44: "a blue ball moving right on a gray background",
    45: "a red ball above a blue triangle on a white background",
    46: "a blue square falling and bouncing on a white background",
    47: "a red triangle moving left on a black background",
}


def special(i, rng):
    scene = world.parse(SPECIAL[i])
    film = world.film_of(scene, rng)
    if i == 39:  # two that look alike
        film.things[0].shape, film.things[1].rgb = {"ball": 1.0}, film.things[0].rgb
    if i in (41, 46):
        world.hover(scene, film, rng)
    if i == 44:  # stands still
        film.things[0].path[:] = film.things[0].path[4]
    if i == 45:  # between two colors and two backgrounds
        film.things[0].rgb[:] = 0.42, 0.38, 0.5
        film.bg[:] = 0.72
    clip = world.render(film)
    if i == 40:  # a third object
        clip[:, 2:12, 18:30] = COLORS["green"]
    if i == 42:  # nothing at all
        clip[:] = 0.95
    if i == 43:  # gone in the second half
        clip[4:] = clip[4:, :1, :1]
    if i == 47:  # cut in two from the third frame on
        clip[2:, :, 23:25] = clip[2:, :1, :1]
    return clip, scene


def case(i):
    rng = np.random.default_rng((SEED, i))
    scene = world.draw_scene(rng)
    prompt = scene if i % 3 else world.draw_scene(rng)
    if i in SPECIAL:
        clip, prompt = special(i, rng)
    elif i < 12:
        clip = world.render(world.film_of(scene, rng))
    elif i < 24:
        clip = world.render(flawed.film_for(scene, rng))
    else:
        clip = world.render(any_film(rng))
    if i not in SPECIAL and i % 8 == 5:
        clip = blurred(clip, 6)
    if i not in SPECIAL and i % 8 == 6:
        clip = blurred(clip, 2) + rng.normal(0, 0.06, clip.shape)
    return np.round(np.clip(clip, 0, 1) * 255).astype(np.uint8), prompt


def main():
    clips, cases = [], []
    for i in range(48):
        clip, scene = case(i)
        answer = oracle.judge(clip / 255)
        clips.append(clip)
        cases.append({"prompt": scene.prompt, "oracle": answer, "marks": oracle.marks(answer, scene)})
    save_file({"clips": np.stack(clips)}, "tests/goldens/scenes_cases.safetensors")
    with open("tests/goldens/scenes_cases.json", "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main()
