"""Goldens of the fields' residuals, solvers and measures: tests/goldens/fields.safetensors.

Per equation: `in.E` random fields of unequal sides, `out.E` their residual by numpy, `probe.E`, `grad.E` = d sum(out * probe) / d in
by torch; `data.E` fields of the solvers, in float32 as they are stored, `floor.E` their mean |r| and mean r^2. Of Poisson also the
measures of one set of samples against another.

And what the bundled generator draws, by diffusers: tests/goldens/field_pipeline.safetensors. `noise`; `latents`, ten Euler steps over
the flow levels in float32; `velocity` at timestep 371.25 in float64.

    python tools/fields/goldens.py        (from the repository's root)
"""

import os
import sys

import numpy as np
import torch

import laws
import measures
import residuals

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: F401, E402  (before diffusers)
from diffusers import FlowMatchEulerDiscreteScheduler, WanTransformer3DModel  # noqa: E402
from lift import NoFloat32, lifted, save_golden  # noqa: E402

SIZES = {"poisson": (7, 5), "helmholtz": (4, 9), "darcy": (6, 8), "burgers": (5, 9), "kolmogorov": (9, 14)}
SPACING = 0.125


def main():
    rng = np.random.default_rng(3)
    tensors = {}
    for equation, (h, w) in SIZES.items():
        q = rng.standard_normal((2, len(residuals.CHANNELS[equation]), h, w))
        r = residuals.residual(equation, q, np, SPACING)
        probe = rng.standard_normal(r.shape)
        graph = torch.tensor(q, requires_grad=True)
        (residuals.residual(equation, graph, torch, SPACING) * torch.tensor(probe)).sum().backward()
        tensors |= {f"in.{equation}": torch.tensor(q), f"out.{equation}": torch.tensor(r), f"probe.{equation}": torch.tensor(probe),
                    f"grad.{equation}": graph.grad}
        if equation != "kolmogorov":
            data = laws.draw(equation, rng, 2, 16)[0]
        else:
            data = laws.kolmogorov(rng, 1, 32, 1 / 64, dt=1 / 64)
        data = data.astype(np.float32)
        r = residuals.residual(equation, data.astype(np.float64), np, 1 / 64)
        tensors |= {f"data.{equation}": torch.tensor(data),
                    f"floor.{equation}": torch.tensor([np.abs(r).mean(), (r**2).mean()])}
    first = laws.draw("poisson", rng, 5, 6)[0][:, :, :, :4]  # a part of a field: unequal sides
    second = first * np.array([1.1, 0.7])[:, None, None] + 0.01 * rng.standard_normal(first.shape)
    theirs, mine = measures.statistics(first), measures.statistics(second)
    spread, spectrum = measures.compare(mine, theirs)
    noisy = laws.draw("helmholtz", rng, 3, 8)[0]
    noisy[:, 1] *= 1 + 0.1 * rng.standard_normal(noisy[:, 1].shape)
    tensors |= {"measure.data": torch.tensor(first), "measure.generated": torch.tensor(second), "measure.variance": torch.tensor(mine[0]),
                "measure.power": torch.tensor(mine[1]), "measure.spread": torch.tensor(spread),
                "measure.spectrum": torch.tensor(spectrum), "solve.fields": torch.tensor(noisy),
                "solve.error": torch.tensor([measures.solve_error("helmholtz", noisy)], dtype=torch.float64)}
    save_golden("tests/goldens/fields.safetensors", tensors, {})


@torch.no_grad()
def pipeline(folder="assets/fields", steps=10):
    noise = torch.randn(2, 2, 1, 32, 32, generator=torch.Generator().manual_seed(7))
    model = WanTransformer3DModel.from_pretrained(f"{folder}/transformer", torch_dtype=torch.float32)
    text = torch.zeros(len(noise), 1, model.config.text_dim)
    scheduler = FlowMatchEulerDiscreteScheduler.from_pretrained(f"{folder}/scheduler")
    scheduler.set_timesteps(sigmas=[0.999 * (1 - k / steps) for k in range(steps)])
    x = noise
    for t in scheduler.timesteps:
        x = scheduler.step(model(x, t.expand(len(x)), text, return_dict=False)[0], t, x, return_dict=False)[0]
    weights = model.state_dict()
    with lifted():
        exact = WanTransformer3DModel.from_config(model.config).double()
        exact.load_state_dict(weights)
        with NoFloat32():
            velocity = exact(noise.double(), torch.full((len(noise),), 371.25, dtype=torch.float64), text.double(), return_dict=False)[0]
    save_golden("tests/goldens/field_pipeline.safetensors", {"noise": noise, "latents": x, "velocity": velocity}, {})


if __name__ == "__main__":
    main()
    pipeline()
