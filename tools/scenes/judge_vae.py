"""How often the oracle reads a clip's reconstruction as it reads the clip: true clips, flawed ones, and noised latents."""

import numpy as np
import torch

import flawed
import oracle
import train_vae
import world


def _ordered(answer):
    """The same reading whichever of two objects comes first."""
    objects = answer["objects"]
    if len(objects) == 2 and (objects[0]["color"], objects[0]["shape"]) > (objects[1]["color"], objects[1]["shape"]):
        return {**answer, "objects": objects[::-1], "relation": oracle.OPPOSITE[answer["relation"]]}
    return answer


def _agree(a, b):
    """By answer: whether two readings are the same."""
    a, b = _ordered(a), _ordered(b)
    same = {k: float(a[k] == b[k]) for k in ("bg", "clean", "count", "motion", "relation", "smooth", "grounded", "phys")}
    for name in ("color", "shape", "kept"):
        same[name] = float([o[name] for o in a["objects"]] == [o[name] for o in b["objects"]])
    return same


@torch.no_grad()
def judge_reconstructions(vae, seed, clips=120):
    vae.eval()
    spread = torch.tensor(vae.config.latents_std)[None, :, None, None, None]
    for title, film_of in (("true clips", world.film_of), ("flawed clips", flawed.film_for)):
        rngs = [np.random.default_rng((seed, 9, i)) for i in range(clips)]
        x = np.stack([world.render(film_of(world.draw_scene(rng), rng)) for rng in rngs])
        seen = [oracle.judge(c) for c in x]
        for noise in (0.0, 0.2):
            rows, off = [], []
            for i in range(0, clips, 12):
                z = train_vae.encode(vae, torch.from_numpy(x[i : i + 12]).permute(0, 4, 1, 2, 3) * 2 - 1)[0]
                z = z + noise * spread * torch.randn(z.shape, generator=torch.Generator().manual_seed(i))
                y = (train_vae.decode(vae, z).permute(0, 2, 3, 4, 1) / 2 + 0.5).clamp(0, 1).numpy()
                off.append(np.abs(y - x[i : i + 12]).mean())
                rows += [_agree(oracle.judge(c), a) for c, a in zip(y, seen[i : i + 12])]
            print(f"{title}, noise {noise}: off {np.mean(off):.4f} " + " ".join(
                f"{k} {np.mean([r[k] for r in rows]):.3f}" for k in rows[0]), flush=True)
