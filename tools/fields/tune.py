"""Training by the residual in plain PyTorch: what a recipe can do, tried quickly, on a GPU as one recorded graph an update.

    python tools/fields/tune.py --K 2 --lr 1e-3 --rank 32 --anchor 3 --updates 400

The last K steps begin at the network's own rollout, which serves --reuse updates as drf's does, or with --noised at exact noised
data, which costs a fifth. The anchor is a mean over elements (drf sums: 2,048 times as much at 32 x 32). --full trains the weights
themselves, --muon matrices by orthogonalised momentum (train.py) in the place of AdamW. Prints samples' measures from noise of
seed 123; -o writes the adapters as drf reads them. --alone: what is trained computes in the last K steps only, in training and in
samples; drf's adapters compute in all of them.
"""

import argparse
import copy
import dataclasses
import json
import math
import time

import torch

import flow_map
import residuals
import train
from train import WanTransformer3DModel


class Adapted(torch.nn.Module):
    """A linear layer with an adapter of scale 1."""

    def __init__(self, linear, rank):
        super().__init__()
        self.linear = linear
        self.a = torch.nn.Parameter(torch.empty(rank, linear.in_features))
        torch.nn.init.kaiming_uniform_(self.a, a=5**0.5)
        self.b = torch.nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x):
        return self.linear(x) + x @ self.a.T @ self.b.T


def adapt(model, rank):
    for block in model.blocks:
        for name in ("to_q", "to_k", "to_v"):
            setattr(block.attn1, name, Adapted(getattr(block.attn1, name), rank))
        block.attn1.to_out[0] = Adapted(block.attn1.to_out[0], rank)
        block.ffn.net[0].proj = Adapted(block.ffn.net[0].proj, rank)
        block.ffn.net[2] = Adapted(block.ffn.net[2], rank)
    model.proj_out = Adapted(model.proj_out, rank)


def adapters(model):
    return [(name, module) for name, module in model.named_modules() if isinstance(module, Adapted)]


def adapter_norm(model):
    """Sum over layers of ||B A||^2 = tr(B^T B A A^T)."""
    return sum(((m.b.T @ m.b) * (m.a @ m.a.T)).sum() for _, m in adapters(model))


def trained(model):
    return [p for p in model.parameters() if p.requires_grad]


@dataclasses.dataclass
class Recipe:
    K: int = 2
    N: int = 10
    shift: float = 1.0
    lr: float = 1e-3
    rank: int = 32
    anchor: float = 3.0
    adapter_norm: float = 0.0
    batch: int = 8
    updates: int = 400
    reuse: int = 1
    init: str = ""
    alone: bool = False
    noised: bool = False
    full: bool = False
    muon: bool = False
    same: bool = False
    record: bool = False
    seconds: float = 0.0


class Fields:
    """A folder's generator on a device, its law, and how its latents are fields."""

    def __init__(self, folder, device="cpu", pool=0):
        self.device = torch.device(device)
        with open(f"{folder}/fields.json", encoding="utf-8") as file:
            self.config = json.load(file)
        self.equation, self.side = self.config["equation"], len(self.config["data"]["power"][0]) + 1
        self.law = train.Law(self.equation, self.side, "velocity", flow_map.levels(10, 1.0), 0, 256, device, pool,
                             known_as=self.config)
        self.model = WanTransformer3DModel.from_pretrained(f"{folder}/transformer", torch_dtype=torch.float32).requires_grad_(False)
        self.model.to(device)
        train.without_cross_attention(self.model)
        self.mean, self.std = (torch.tensor(self.config[key], dtype=torch.float64, device=device)[:, None, None] for key in ("mean", "std"))
        self.text = torch.zeros(64, 1, 8, device=device)

    def noise(self, count, generator):
        shape = (count, len(self.std), 1, self.side, self.side)
        return torch.randn(shape, generator=generator, device=generator.device).to(self.device)

    def residual(self, x):
        """r / s of latents, in float64."""
        q = x.squeeze(2).double() * self.std + self.mean
        return residuals.residual(self.equation, q, torch, self.config.get("time_spacing", 1.0)) / self.config.get("residual_scale", 1.0)

    def velocity(self, model, x, sigma):
        told = torch.full((len(x),), 1000 * sigma, device=x.device)
        return model(x, told, self.text[:1].expand(len(x), 1, 8), return_dict=False)[0]


def tune(fields, recipe, after=lambda update, model, loss: None):
    """The trained copy of the fields' model."""
    r = recipe
    levels = flow_map.levels(r.N, r.shift).tolist()
    torch.manual_seed(0)
    base, model = fields.model, copy.deepcopy(fields.model).requires_grad_(r.full)
    train.without_cross_attention(model)
    if not r.full:
        adapt(model, r.rank)
        model.to(fields.device)
        if r.init:
            load_adapters(model, r.init)
    learnt = trained(model)
    if r.muon and r.full:
        opts = train.optimisers(model, r.lr)
    elif r.muon:
        opts = [train.Orthogonalised(learnt, train.rate_on(r.lr, fields.device))]
    else:
        opts = [torch.optim.AdamW(learnt, train.rate_on(r.lr, fields.device), weight_decay=0.0, capturable=fields.device.type == "cuda")]
    rates = [float(opt.param_groups[0]["lr"]) for opt in opts]
    generator = torch.Generator(fields.device).manual_seed(5)
    first = r.N - r.K
    held, began = [], []  # the state that the steps which train begin at; the noise that a rollout begins at

    def roll_out():
        x = began[0]
        with torch.no_grad():
            for k in range(first):
                x = x + (levels[k + 1] - levels[k]) * fields.velocity(base if r.alone else model, x, levels[k])
        return x

    def work():
        x, penalty = held[0], 0
        for k in range(first, r.N):
            v = fields.velocity(model, x, levels[k])
            if r.anchor:
                with torch.no_grad():  # x is taken as a constant in the base's velocity
                    was = fields.velocity(base, x, levels[k])
                penalty = penalty + (v - was).square().mean() / r.K
            x = x + (levels[k + 1] - levels[k]) * v
        loss = fields.residual(x).square().mean()
        model.zero_grad(set_to_none=True)
        whole = loss + r.anchor * penalty
        if r.adapter_norm:
            whole = whole + r.adapter_norm * adapter_norm(model)
        whole.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        for opt in opts:
            opt.step()
        return loss.detach(), x.detach()

    def hold(kept, x):
        kept[:] = [kept[0].copy_(x) if kept else x.clone()]

    if r.record:
        work, roll_out = train.Recorded(work), train.Recorded(roll_out)
    begin, part = time.monotonic(), 0.0
    for update in range(r.updates):
        if r.seconds:
            part = (time.monotonic() - begin) / r.seconds
            if part >= 1:
                break
        fall = (1 + math.cos(math.pi * max(update / r.updates, part))) / 2
        for opt, rate in zip(opts, rates):
            train.set_rate(opt, rate * min(1, (update + 1) / 10) * fall)
        if not (held and r.same):
            noise = fields.noise(r.batch, generator)
            if r.noised:
                hold(held, torch.lerp(fields.law.latents(r.batch).unsqueeze(2).to(fields.device), noise, levels[first]))
            elif update % r.reuse:
                hold(held, torch.lerp(clip, noise, levels[first]))
            else:
                hold(began, noise)
                hold(held, roll_out())
        loss, x0 = work()
        if update % r.reuse == 0:
            clip = x0.clone()
        after(update, model, loss.double())
        if update % 100 == 99 and fields.device.type == "cuda":
            torch.cuda.synchronize()  # so that --seconds sees how far it is
    return model


def save_adapters(model, path):
    from safetensors.torch import save_file

    tensors = {}
    for name, m in adapters(model):
        tensors[f"transformer.{name}.lora_A.weight"] = m.a.detach().cpu().contiguous()
        tensors[f"transformer.{name}.lora_B.weight"] = m.b.detach().cpu().contiguous()
    save_file(tensors, path)


def load_adapters(model, path):
    from safetensors.torch import load_file

    tensors = load_file(path)
    with torch.no_grad():
        for name, m in adapters(model):
            m.a.copy_(tensors[f"transformer.{name}.lora_A.weight"])
            m.b.copy_(tensors[f"transformer.{name}.lora_B.weight"])


@torch.no_grad()
def sample(fields, model, noise, recipe):
    """Euler; with `alone` what was trained computes in the last K steps only."""
    levels, out = flow_map.levels(recipe.N, recipe.shift).tolist(), []
    for x in noise.split(64):
        for k in range(recipe.N):
            own = not recipe.alone or k >= recipe.N - recipe.K
            x = x + (levels[k + 1] - levels[k]) * fields.velocity(model if own else fields.model, x, levels[k])
        out.append(x)
    return torch.cat(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="assets/fields")
    for field in dataclasses.fields(Recipe):
        flag = "--" + field.name.replace("_", "-")
        if isinstance(field.default, bool):
            parser.add_argument(flag, action="store_true")
        else:
            parser.add_argument(flag, type=type(field.default), default=field.default)
    parser.add_argument("--judged", type=int, default=64)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-o", "--output", help="adapters.safetensors")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.backends.cudnn.allow_tf32 = False
    recipe = Recipe(**{field.name: getattr(args, field.name) for field in dataclasses.fields(Recipe)})
    fields = Fields(args.model, args.device, 0 if args.device == "cpu" or not recipe.noised else 1 << 16)
    noise = fields.noise(args.judged, torch.Generator().manual_seed(123))
    losses, begin = [], time.monotonic()

    def show(label, model):
        print(f"{label}: {train.judge(fields.law, sample(fields, model, noise, recipe))}", flush=True)

    def after(update, model, loss):
        losses.append(loss)
        if (update + 1) % args.every == 0:
            print(f"update {update + 1} R {-torch.stack(losses[-100:]).mean():.5f} seconds {time.monotonic() - begin:.0f}", flush=True)
            show(f"at {update + 1}", model)

    show("base", fields.model)
    model = tune(fields, recipe, after)
    print(f"{len(losses)} updates, R {-torch.stack(losses[-100:]).mean():.5f}, {time.monotonic() - begin:.0f} s", flush=True)
    show("end", model)
    if args.output:
        save_adapters(model, args.output)


if __name__ == "__main__":
    main()
