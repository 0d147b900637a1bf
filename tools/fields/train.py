"""Trains a generator of fields: a small WanTransformer3DModel on (f, u) of an equation, written as a WanFieldPipeline folder.

    python tools/fields/train.py --seed 0 -o assets/fields

Targets, both on the straight path x = (1 - sigma) z + sigma noise with timestep 1000 sigma:
  velocity  noise - z at every sigma: flow matching, for any equation.
  map       the average velocity of the exact flow over each step of the sampler's own N levels (flow_map.py): for the linear
            equations, whose fields are Gaussian. Ten Euler steps then have the data's spread and spectrum, which ten steps with
            the exact velocity have not.
Matrices of the blocks are trained by orthogonalised momentum, the rest by AdamW; what is
written is the running average of the weights, as float16.

On a GPU an update waits for kernels to start unless it is recorded (--record: a CUDA graph); everything is float32, without
TF32, as a last step must take noise out to a part in a thousand. --seconds ends the schedule, rate and all, in time.
"""

import argparse
import json
import os
import sys
import time

import numpy as np
import torch

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: F401, E402  (before diffusers)
from diffusers import FlowMatchEulerDiscreteScheduler, WanTransformer3DModel
from diffusers.utils import logging

import flow_map
import laws
import measures
import residuals

logging.set_verbosity_error()


def build(channels, n, patch):
    model = WanTransformer3DModel(patch_size=(1, patch, patch), num_attention_heads=4, attention_head_dim=48, in_channels=channels,
                                  out_channels=channels, text_dim=8, freq_dim=256, ffn_dim=512, num_layers=6, cross_attn_norm=True,
                                  rope_max_seq_len=max(64, n // patch))
    # A path for the noise from the start: patches embedded without loss beside a large constant, which keeps the last norm
    # nearly linear, and read back by the transpose.
    width, taken = 192, channels * patch * patch
    basis = torch.randn(width, taken + 2)
    basis[:, 0] = 1
    basis = torch.linalg.qr(basis).Q
    with torch.no_grad():
        model.patch_embedding.weight.copy_(basis[:, 2:].reshape(model.patch_embedding.weight.shape))
        constant = 3 * taken**0.5
        model.patch_embedding.bias.copy_(constant * basis[:, 1])
        # proj_out lists a patch's pixels first and channels last, the embedding channels first.
        read = basis[:, 2:].T.reshape(channels, patch * patch, width).transpose(0, 1).reshape(taken, width)
        model.proj_out.weight.copy_(read * (constant**2 + taken) ** 0.5 / width**0.5)
        model.proj_out.bias.zero_()
    return model


def without_cross_attention(model):
    """Attention to one key is its value whatever the query: the same function at a fifth less work, for training only."""
    for block in model.blocks:
        attention = block.attn2

        def constant(hidden_states, encoder_hidden_states=None, *_, attention=attention, **__):
            return attention.to_out[0](attention.to_v(encoder_hidden_states))

        attention.forward = constant


class Orthogonalised(torch.optim.Optimizer):
    """Momentum whose singular values are set near 1 by five Newton-Schulz steps (Muon; coefficients of its authors)."""

    def __init__(self, matrices, lr, momentum=0.95):
        super().__init__(matrices, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if "m" not in self.state[p]:
                    self.state[p]["m"] = torch.zeros_like(p)
                m = self.state[p]["m"]
                m.mul_(group["momentum"]).add_(p.grad)
                x = p.grad + group["momentum"] * m
                tall = x.shape[0] > x.shape[1]
                x = x.T if tall else x
                x = x / (x.norm() + 1e-12)
                for _ in range(5):
                    a = x @ x.T
                    x = 3.4445 * x + (2.0315 * (a @ a) - 4.7750 * a) @ x
                x, stretch = x.T if tall else x, max(1.0, p.shape[0] / p.shape[1]) ** 0.5
                if isinstance(group["lr"], torch.Tensor):
                    p.sub_(x * (group["lr"] * stretch))
                else:
                    p.add_(x, alpha=-group["lr"] * stretch)


def optimisers(model, lr):
    matrix = lambda name, p: p.ndim == 2 and name.startswith("blocks.") and ".attn2." not in name  # noqa: E731
    hidden = [p for name, p in model.named_parameters() if matrix(name, p)]
    unused = {f"blocks.{i}.attn2.{part}" for i in range(len(model.blocks)) for part in
              ("to_q.weight", "to_q.bias", "to_k.weight", "to_k.bias", "norm_q.weight", "norm_k.weight")}
    unused |= {f"blocks.{i}.norm2.{part}" for i in range(len(model.blocks)) for part in ("weight", "bias")}
    others = [p for name, p in model.named_parameters() if not matrix(name, p) and name not in unused]
    for name, p in model.named_parameters():
        p.requires_grad_(name not in unused)
    device = others[0].device
    return [Orthogonalised(hidden, rate_on(lr, device)),
            torch.optim.AdamW(others, rate_on(lr / 10, device), betas=(0.9, 0.98), weight_decay=0.0, capturable=device.type == "cuda")]


def rate_on(value, device):
    """A recorded update reads its rate from the device's memory."""
    return value if torch.device(device).type == "cpu" else torch.tensor(value, device=device)


def set_rate(opt, value):
    if isinstance(opt.param_groups[0]["lr"], torch.Tensor):
        opt.param_groups[0]["lr"].fill_(value)
    else:
        opt.param_groups[0]["lr"] = value


class Recorded:
    """work() in replays of one CUDA graph, after three plain calls; it must read and write the same memory each time."""

    def __init__(self, work):
        self.work, self.calls, self.graph = work, 0, None

    def __call__(self):
        self.calls += 1
        if self.calls <= 3:
            stream = torch.cuda.Stream()
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                out = self.work()
            torch.cuda.current_stream().wait_stream(stream)
            return out
        if not self.graph:
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.out = self.work()
        self.graph.replay()
        return self.out


LINEAR = ("poisson", "helmholtz")


class Law:
    """Latents of an equation, and what the network is to say at a noised one."""

    def __init__(self, equation, n, target, sampler_levels, seed, known=4096, device="cpu", pool=0, known_as=None):
        """pool > 0: that many fields more are drawn on the device once, and batches from them. known_as: a fields.json whose
        numbers to take in the place of those of the `known` fields."""
        self.equation, self.n, self.target, self.levels = equation, n, target, sampler_levels
        self.rng, self.samples, self.device, self.drawn = np.random.default_rng(seed), known, torch.device(device), None
        if self.device.type == "cuda" and equation in LINEAR + ("darcy",):
            xi = np.random.default_rng(seed + 1).standard_normal((known, n, n))
            known = laws.fields_of(equation, torch.tensor(xi, device=device)).cpu().numpy()
            self.scale = 1.0 if equation == "darcy" else float(np.sqrt((known[:, 0] ** 2).mean()))
        else:
            known, self.scale = laws.draw(equation, np.random.default_rng(seed + 1), known, n)
        self.mean = np.zeros(known.shape[1])  # by symmetry, but for Darcy's pressure
        if equation == "darcy":
            self.mean[1] = float(f"{known[:, 1].mean():.6g}")
        self.std = np.array([float(f"{s:.6g}") for s in known.std((0, 2, 3))])
        self.data = measures.statistics(known)
        if known_as:
            self.mean, self.std, self.scale = np.array(known_as["mean"]), np.array(known_as["std"]), known_as.get("residual_scale", 1.0)
            self.data = np.array(known_as["data"]["variance"]), np.array(known_as["data"]["power"])
        stored = residuals.residual(equation, known.astype(np.float32).astype(np.float64), np)
        self.floor = float(np.abs(stored).mean()), float(np.sqrt((stored**2).mean()))
        if target == "map":
            variance, vectors = flow_map.modes(equation, n, self.std)
            pairs = list(zip(self.levels[:-1], self.levels[1:]))
            rest = np.array([flow_map.average_velocity(0.0, a, b) for a, b in pairs])
            factor = np.stack([flow_map.average_velocity(variance, a, b) for a, b in pairs]) - rest[:, None]
            self.rest, self.factor, self.vectors = (torch.tensor(x, dtype=torch.float32, device=device) for x in (rest, factor, vectors))
            chance = np.ones(len(pairs))  # the last steps decide the residual
            chance[-1], chance[-2] = 3, 2
            self.chance = chance / chance.sum()
        else:
            self.pool = None if equation in LINEAR else known
        if pool:
            generator = torch.Generator(device).manual_seed(seed + 2)
            self.drawn = torch.cat([self.latents_of(torch.randn(min(4096, pool - done), n, n, dtype=torch.float64, device=device,
                                                                generator=generator)) for done in range(0, pool, 4096)])
            self.generator = torch.Generator(device).manual_seed(seed + 3)

    def latents_of(self, xi):
        """On the device, of the white noise xi there."""
        mean, std = (xi.new_tensor(x)[:, None, None] for x in (self.mean, self.std))
        return ((laws.fields_of(self.equation, xi) - mean) / std).float()

    def latents(self, count):
        if self.drawn is not None:
            return self.drawn[torch.randint(len(self.drawn), (count,), device=self.device, generator=self.generator)]
        if self.target == "map" or self.pool is None:
            q, _ = laws.draw(self.equation, self.rng, count, self.n)
        else:
            q = self.pool[self.rng.integers(len(self.pool), size=count)]
        return torch.tensor((q - self.mean[:, None, None]) / self.std[:, None, None], dtype=torch.float32)

    def batch(self, count):
        """x [B, C, 1, n, n], sigma [B], target like x."""
        z = self.latents(count).to(self.device)
        on_device = dict(device=self.device, generator=self.generator) if self.drawn is not None else None
        noise = torch.randn(z.shape, **on_device) if on_device else torch.tensor(self.rng.standard_normal(z.shape), dtype=torch.float32)
        noise = noise.to(self.device)
        if self.target == "map":
            k = torch.tensor(self.rng.choice(len(self.chance), size=count, p=self.chance), device=self.device)
            sigma = torch.tensor(self.levels, dtype=torch.float32, device=self.device)[k]
        else:
            u = torch.rand(count, **on_device) if on_device else torch.tensor(self.rng.random(count), dtype=torch.float32)
            u = u.to(self.device)
            sigma = 3 * u / (1 + 2 * u)
        x = torch.lerp(z, noise, sigma[:, None, None, None])
        if self.target == "map":
            inside = (x.flatten(1) @ self.vectors.T) * self.factor[k]
            v = self.rest[k, None, None, None] * x + (inside @ self.vectors).view_as(x)
        else:
            v = noise - z
        return x.unsqueeze(2), sigma, v.unsqueeze(2)


@torch.no_grad()
def sample(model, noise, sigmas, text):
    out = []
    for x in noise.split(len(text)):
        for a, b in zip(sigmas[:-1], sigmas[1:]):
            x = x + (b - a) * model(x, torch.full((len(x),), 1000 * a, device=x.device), text[: len(x)], return_dict=False)[0]
        out.append(x)
    return torch.cat(out)


def judge(law, latents):
    """One line: the measures of a set of latents against data."""
    q = latents.squeeze(2).double().cpu().numpy() * law.std[:, None, None] + law.mean[:, None, None]
    r = residuals.residual(law.equation, q, np)
    spread, spectrum = measures.compare(measures.statistics(q), law.data)
    line = f"mean |r| {np.abs(r).mean():.4f} RMS r/s {np.sqrt((r**2).mean()) / law.scale:.4f}"
    line += f" spread {np.round(spread, 3)} spectrum {np.round(spectrum, 3)}"
    if law.equation in LINEAR:
        line += f" solve {measures.solve_error(law.equation, q):.4f}"
    return line


def save(folder, law, model, seed):
    """The pipeline folder; weights as float16."""
    os.makedirs(folder, exist_ok=True)
    model.cpu().half().save_pretrained(f"{folder}/transformer")
    FlowMatchEulerDiscreteScheduler(shift=law.shift).save_pretrained(f"{folder}/scheduler")
    index = {"_class_name": "WanFieldPipeline", "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
             "transformer": ["diffusers", "WanTransformer3DModel"]}
    variance, power = law.data
    fields = {"channels": residuals.CHANNELS[law.equation], "mean": law.mean.tolist(), "std": law.std.tolist(),
              "equation": law.equation, "residual_scale": float(f"{law.scale:.6g}"),
              "data": {"samples": law.samples, "seed": seed + 1, "mean_abs_r": float(f"{law.floor[0]:.4g}"),
                       "mean_square_r": float(f"{law.floor[1] ** 2:.4g}"),
                       "variance": [float(f"{v:.6g}") for v in variance],
                       "power": [[float(f"{p:.6g}") for p in row] for row in power]}}
    if law.equation == "kolmogorov":
        fields["time_spacing"] = 1 / 64
    for name, value in ("model_index.json", index), ("fields.json", fields):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
            file.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--equation", default="poisson", choices=list(residuals.CHANNELS))
    parser.add_argument("--target", default="map", choices=["map", "velocity"])
    parser.add_argument("--n", type=int, default=32)
    parser.add_argument("--patch", type=int, default=4)
    parser.add_argument("--steps", type=int, default=10, help="of the sampler")
    parser.add_argument("--shift", type=float, default=1.0)
    parser.add_argument("--known", type=int, default=4096, help="fields drawn once: for std and for what samples are compared with; "
                        "where a draw is dear (all but Poisson and Helmholtz) also what is trained on")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--updates", type=int, default=2000)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--decay", type=float, default=0.5, help="the rate falls to 0 over this last part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=250, help="updates between checkpoints")
    parser.add_argument("--checkpoint", default="/tmp/fields.pt", help="written while training; read where it exists")
    parser.add_argument("--init", help="a checkpoint whose averaged weights to begin with")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--record", action="store_true", help="cuda: an update is one CUDA graph")
    parser.add_argument("--pool", type=int, default=0, help="fields drawn on the device once and trained on (not Burgers, Kolmogorov)")
    parser.add_argument("--seconds", type=float, help="the schedule ends then at the latest")
    parser.add_argument("--also", nargs="*", default=[], metavar="N,SHIFT", help="judge the result at these samplers too")
    parser.add_argument("--judged", type=int, default=64, help="samples that the result is judged on")
    parser.add_argument("-o", "--output")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.backends.cudnn.allow_tf32 = False  # a convolution's default
    torch.manual_seed(args.seed)
    levels = flow_map.levels(args.steps, args.shift)
    law = Law(args.equation, args.n, args.target, levels, args.seed, args.known, args.device, args.pool)
    law.shift = args.shift
    channels = len(law.std)
    model = build(channels, args.n, args.patch)
    if args.init:
        model.load_state_dict(torch.load(args.init, map_location="cpu")["average"])
    model.to(args.device)
    text = torch.zeros(max(args.batch, 64), 1, 8, device=args.device)
    noise = torch.randn(args.judged, channels, 1, args.n, args.n, generator=torch.Generator().manual_seed(args.seed)).to(args.device)
    without_cross_attention(model)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    opts = optimisers(model, args.lr)
    base_rates = [float(opt.param_groups[0]["lr"]) for opt in opts]
    done, seconds = 0, 0.0
    if os.path.exists(args.checkpoint):
        state = torch.load(args.checkpoint, map_location=args.device)
        model.load_state_dict(state["model"])
        average, done, seconds = state["average"], state["done"], state["seconds"]
        for opt, kept in zip(opts, state["opts"]):
            opt.load_state_dict(kept)
        law.rng = np.random.default_rng((args.seed, done))
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, std {law.std}, s {law.scale:.5g}, floor {law.floor}", flush=True)
    held = []  # a batch, in memory that stays
    own, kept = ([d[name] for name in average] for d in (model.state_dict(), average))
    share = torch.zeros((), device=args.device)

    def work():
        x, sigma, target = held
        loss = (model(x, 1000 * sigma, text[: args.batch], return_dict=False)[0] - target).square().mean()
        model.zero_grad(set_to_none=True)
        loss.backward()
        for opt in opts:
            opt.step()
        with torch.no_grad():
            for theirs, value in zip(kept, own):
                theirs.lerp_(value, share)
        return loss.detach()

    work = Recorded(work) if args.record else work
    losses, begin, part = [], time.monotonic(), 0.0
    for update in range(done, args.updates):
        if args.seconds:
            part = (time.monotonic() - begin) / args.seconds
            if part >= 1:
                break
        rate = min(1.0, (update + 1) / 100, (args.updates - update) / (args.decay * args.updates), (1 - part) / args.decay)
        for opt, base in zip(opts, base_rates):
            set_rate(opt, base * rate)
        batch = law.batch(args.batch)
        if held:
            for mine, theirs in zip(held, batch):
                mine.copy_(theirs)
        held = held or batch
        share.fill_(1 - min(args.ema, (update + 1) / (update + 10)))
        losses.append(work().double())
        if (update + 1) % 50 == 0:
            spent = seconds + time.monotonic() - begin
            print(f"update {update + 1} loss {torch.stack(losses[-50:]).mean():.5f} minutes {spent / 60:.2f}", flush=True)
        if (update + 1) % args.every == 0 or update + 1 == args.updates:
            raw = {k: v.clone() for k, v in model.state_dict().items()}
            torch.save({"model": raw, "average": average, "opts": [o.state_dict() for o in opts], "done": update + 1,
                        "seconds": seconds + time.monotonic() - begin}, args.checkpoint + ".part")
            os.replace(args.checkpoint + ".part", args.checkpoint)
            model.load_state_dict(average)
            print(f"average at {update + 1}: {judge(law, sample(model, noise, levels.tolist(), text))}", flush=True)
            model.load_state_dict(raw)
    print(f"ended after {done + len(losses)} updates, {time.monotonic() - begin:.0f} s", flush=True)
    model.load_state_dict({k: v.half().float() for k, v in average.items()})
    print(f"as float16: {judge(law, sample(model, noise, levels.tolist(), text))}", flush=True)
    for other in args.also:
        steps, shift = other.split(",")
        print(f"N {steps} shift {shift}: {judge(law, sample(model, noise, flow_map.levels(int(steps), float(shift)).tolist(), text))}", flush=True)
    if args.output:
        for block in model.blocks:
            del block.attn2.forward
        print(f"with cross-attention: {judge(law, sample(model, noise, levels.tolist(), text))}", flush=True)
        save(args.output, law, model, args.seed)


if __name__ == "__main__":
    main()
