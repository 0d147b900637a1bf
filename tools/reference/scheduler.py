"""Goldens of diffusers' samplers: tests/goldens/schedulers.safetensors.

Metadata `cases` is a JSON list of {"name", "sampler", "steps", "shift", "solver_order"}; sampler "flow" is Euler over the
levels of `sampling.schedule = "flow"`. For each case:
  <name>.sigmas      [N+1] float32, <name>.timesteps [N] float32, as set_timesteps(N) leaves them
  <name>.x           [N+1, n] float64: the trajectory from in.x0 on the velocity v = in.a x + in.b t / 1000 + in.c
                     (element by element, t the timestep); state and coefficients in float64, from the float32 sigmas
  <name>.x_float32   the same as diffusers runs it, state and coefficients in float32

    python tools/reference/scheduler.py        (from the repository's root)
"""

import warnings

import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler
from lift import NoFloat32, lifted, save_golden

CASES = [("euler", n, s, 0) for n, s in ((1, 3.0), (2, 5.0), (3, 1.0), (4, 3.0), (5, 8.0), (8, 3.0), (20, 2.5), (50, 5.0))]
CASES += [("unipc", n, s, 2) for n, s in ((1, 3.0), (2, 5.0), (3, 1.0), (5, 8.0), (8, 3.0), (20, 2.5), (50, 5.0))]
CASES += [("unipc", n, s, 1) for n, s in ((1, 3.0), (4, 3.0), (8, 5.0))]
CASES += [("flow", n, s, 0) for n, s in ((1, 3.0), (2, 5.0), (3, 1.0), (5, 8.0), (8, 3.0), (20, 2.5), (50, 5.0))]


def make_scheduler(sampler, steps, shift, solver_order=2):
    if sampler == "flow":  # Euler steps over Wan's own levels: given to the scheduler unshifted, it shifts them once
        scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
        levels = [(1 - 1 / 1000) * (1 - k / steps) for k in range(steps)]
        scheduler.set_timesteps(sigmas=levels)
        # It does so in float32. Ours are the formula's, rounded once, and must be the same but for that.
        sigmas = torch.tensor([shift * u / (1 + (shift - 1) * u) for u in levels] + [0.0], dtype=torch.float64)
        assert (sigmas - scheduler.sigmas.double()).abs().max() < 2e-7
        scheduler.sigmas = sigmas.type(torch.FloatTensor)
        scheduler.timesteps = scheduler.sigmas[:-1] * 1000
        return scheduler
    if sampler == "euler":
        scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
    else:
        scheduler = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=shift,
                                            solver_order=solver_order)
    scheduler.set_timesteps(steps)
    return scheduler


def trajectory(scheduler, x, a, b, c):
    states = [x[None]]  # UniPC wants a batch axis
    for t in scheduler.timesteps:
        v = a * states[-1] + b * (t.to(x.dtype) / 1000) + c
        states.append(scheduler.step(v, t, states[-1], return_dict=False)[0])
    return torch.cat(states)


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(3)
    inputs = {name: torch.randn(6) for name in ("x0", "a", "b", "c")}
    tensors, described = {f"in.{name}": t for name, t in inputs.items()}, []
    for sampler, steps, shift, order in CASES:
        name = f"{sampler}{order or ''}_n{steps}_s{shift:g}"
        described.append({"name": name, "sampler": sampler, "steps": steps, "shift": shift, "solver_order": order or 2})
        scheduler = make_scheduler(sampler, steps, shift, order)
        tensors[f"{name}.sigmas"] = scheduler.sigmas.clone()
        tensors[f"{name}.timesteps"] = scheduler.timesteps.float()
        tensors[f"{name}.x_float32"] = trajectory(scheduler, *inputs.values())
        wide = make_scheduler(sampler, steps, shift, order)
        wide.sigmas = wide.sigmas.double()
        wide.timesteps = wide.timesteps.double() if sampler != "unipc" else wide.timesteps
        torch.set_default_dtype(torch.float64)  # UniPC makes its coefficients in the default dtype
        with lifted(), NoFloat32():
            tensors[f"{name}.x"] = trajectory(wide, *(t.double() for t in inputs.values()))
        torch.set_default_dtype(torch.float32)
        error = (tensors[f"{name}.x_float32"] - tensors[f"{name}.x"]).norm() / tensors[f"{name}.x"].norm()
        print(f"{name}: float32 differs by {error:.1e}")
    save_golden("tests/goldens/schedulers.safetensors", tensors, {"cases": described})


if __name__ == "__main__":
    main()
