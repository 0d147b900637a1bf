"""LoRA on minus the residual in plain PyTorch: what a recipe can do, tried quickly. drf trains from its own rollouts; here the last K
steps begin at exact noised data, which costs a fifth.

    python tools/fields/tune.py --K 2 --lr 1e-3 --rank 32 --anchor 3 --updates 400

The anchor is a mean over elements (drf sums: 2,048 times as much at 32 x 32). Prints samples' measures from noise of seed 123.
"""

import argparse
import json
import math
import time

import numpy as np
import torch

import flow_map
import residuals
import train
from train import WanTransformer3DModel


class Adapted(torch.nn.Module):
    """A linear layer with an adapter that `off` takes away."""

    off = False

    def __init__(self, linear, rank):
        super().__init__()
        self.linear = linear
        self.a = torch.nn.Parameter(torch.empty(rank, linear.in_features))
        torch.nn.init.kaiming_uniform_(self.a, a=5**0.5)
        self.b = torch.nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x):
        return self.linear(x) if Adapted.off else self.linear(x) + x @ self.a.T @ self.b.T


def adapt(model, rank):
    for block in model.blocks:
        for name in ("to_q", "to_k", "to_v"):
            setattr(block.attn1, name, Adapted(getattr(block.attn1, name), rank))
        block.attn1.to_out[0] = Adapted(block.attn1.to_out[0], rank)
        block.ffn.net[0].proj = Adapted(block.ffn.net[0].proj, rank)
        block.ffn.net[2] = Adapted(block.ffn.net[2], rank)
    model.proj_out = Adapted(model.proj_out, rank)
    return [p for p in model.parameters() if p.requires_grad]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="assets/fields")
    parser.add_argument("--updates", type=int, default=400)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--K", type=int, default=2)
    parser.add_argument("--N", type=int, default=10)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--anchor", type=float, default=3.0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    levels = flow_map.levels(args.N, 1.0).tolist()
    law = train.Law("poisson", 32, "map", levels, 0)
    model = WanTransformer3DModel.from_pretrained(f"{args.model}/transformer", torch_dtype=torch.float32).requires_grad_(False)
    train.without_cross_attention(model)
    with open(f"{args.model}/fields.json", encoding="utf-8") as file:
        std = torch.tensor(json.load(file)["std"], dtype=torch.float64)[:, None, None]
    text = torch.zeros(64, 1, 8)
    noise = torch.randn(64, 2, 1, 32, 32, generator=torch.Generator().manual_seed(123))

    def show(label):
        print(f"{label}: {train.judge(law, train.sample(model, noise, levels, text))}", flush=True)

    show("base")
    torch.manual_seed(0)
    parameters = adapt(model, args.rank)
    optimiser = torch.optim.AdamW(parameters, args.lr, weight_decay=0.0)
    generator = torch.Generator().manual_seed(5)
    begin = time.monotonic()
    for update in range(args.updates):
        optimiser.param_groups[0]["lr"] = args.lr * min(1, (update + 1) / 10) * (1 + math.cos(math.pi * update / args.updates)) / 2
        z = law.latents(args.batch)
        x = torch.lerp(z, torch.randn(z.shape, generator=generator), levels[-1 - args.K]).unsqueeze(2)
        penalty = 0
        for k in range(args.N - args.K, args.N):
            told = torch.full((args.batch,), 1000 * levels[k])
            v = model(x, told, text[: args.batch], return_dict=False)[0]
            if args.anchor:
                Adapted.off = True
                with torch.no_grad():  # x is taken as a constant in the base's velocity
                    base = model(x, told, text[: args.batch], return_dict=False)[0]
                Adapted.off = False
                penalty = penalty + (v - base).square().mean() / args.K
            x = x + (levels[k + 1] - levels[k]) * v
        r = residuals.residual("poisson", x.squeeze(2).double() * std, torch) / law.scale
        loss = r.square().mean()
        optimiser.zero_grad()
        (loss + args.anchor * penalty).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        if (update + 1) % 100 == 0 or update + 1 == args.updates:
            print(f"update {update + 1} R {-loss.item():.4f} seconds {time.monotonic() - begin:.0f}", flush=True)
            show(f"at {update + 1}")


if __name__ == "__main__":
    main()
