"""LoRA on minus the residual in plain PyTorch: what a recipe can do, tried quickly. drf trains from its own rollouts; here the last K
steps begin at exact noised data, which costs a fifth.

    python tools/fields/tune.py --K 2 --lr 1e-3 --rank 32 --anchor 3 --updates 400

The anchor is a mean over elements (drf sums: 2,048 times as much at 32 x 32). Prints samples' measures from noise of seed 123.
--full trains the weights themselves, --muon their matrices by orthogonalised momentum (train.py) in the place of AdamW.
"""

import argparse
import copy
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
    """A linear layer with an adapter."""

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


def trained(model):
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
    parser.add_argument("--full", action="store_true", help="train the weights, not adapters")
    parser.add_argument("--muon", action="store_true", help="matrices by orthogonalised momentum at --lr, the rest by AdamW at a tenth")
    parser.add_argument("--same", action="store_true", help="one batch throughout: how far the network can go at all")
    parser.add_argument("--judged", type=int, default=64)
    parser.add_argument("--every", type=int, default=100)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--record", action="store_true", help="cuda: an update is one CUDA graph")
    parser.add_argument("--seconds", type=float, help="the schedule ends then at the latest")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.backends.cudnn.allow_tf32 = False
    levels = flow_map.levels(args.N, 1.0).tolist()
    law = train.Law("poisson", 32, "map", levels, 0, device=args.device, pool=0 if args.device == "cpu" else 1 << 16)
    model = WanTransformer3DModel.from_pretrained(f"{args.model}/transformer", torch_dtype=torch.float32).requires_grad_(args.full)
    train.without_cross_attention(model)
    with open(f"{args.model}/fields.json", encoding="utf-8") as file:
        std = torch.tensor(json.load(file)["std"], dtype=torch.float64, device=args.device)[:, None, None]
    text = torch.zeros(max(64, args.batch), 1, 8, device=args.device)
    noise = torch.randn(args.judged, 2, 1, 32, 32, generator=torch.Generator().manual_seed(123)).to(args.device)
    model.to(args.device)

    def show(label):
        print(f"{label}: {train.judge(law, train.sample(model, noise, levels, text))}", flush=True)

    show("base")
    torch.manual_seed(0)
    base = copy.deepcopy(model).requires_grad_(False)
    train.without_cross_attention(base)
    if not args.full:
        adapt(model, args.rank)
        model.to(args.device)
    if args.muon:
        opts = train.optimisers(model, args.lr) if args.full else [train.Orthogonalised(trained(model), train.rate_on(args.lr, args.device))]
    else:
        on_gpu = args.device != "cpu"
        opts = [torch.optim.AdamW(trained(model), train.rate_on(args.lr, args.device), weight_decay=0.0, capturable=on_gpu)]
    rates = [float(opt.param_groups[0]["lr"]) for opt in opts]
    generator = torch.Generator(args.device).manual_seed(5)
    held = []

    def work():
        x, penalty = held[0], 0
        for k in range(args.N - args.K, args.N):
            told = torch.full((args.batch,), 1000 * levels[k], device=args.device)
            v = model(x, told, text[: args.batch], return_dict=False)[0]
            if args.anchor:
                with torch.no_grad():  # x is taken as a constant in the base's velocity
                    was = base(x, told, text[: args.batch], return_dict=False)[0]
                penalty = penalty + (v - was).square().mean() / args.K
            x = x + (levels[k + 1] - levels[k]) * v
        r = residuals.residual("poisson", x.squeeze(2).double() * std, torch) / law.scale
        loss = r.square().mean()
        model.zero_grad(set_to_none=True)
        (loss + args.anchor * penalty).backward()
        torch.nn.utils.clip_grad_norm_(trained(model), 1.0)
        for opt in opts:
            opt.step()
        return loss.detach()

    work = train.Recorded(work) if args.record else work
    begin, losses, part = time.monotonic(), [], 0.0
    for update in range(args.updates):
        if args.seconds:
            part = (time.monotonic() - begin) / args.seconds
            if part >= 1:
                break
        fall = (1 + math.cos(math.pi * max(update / args.updates, part))) / 2
        for opt, rate in zip(opts, rates):
            train.set_rate(opt, rate * min(1, (update + 1) / 10) * fall)
        if not (held and args.same):
            z = law.latents(args.batch)
            x = torch.lerp(z, torch.randn(z.shape, generator=generator, device=args.device), levels[-1 - args.K]).unsqueeze(2)
            held[:] = [held[0].copy_(x) if held else x]
        losses.append(work().double())
        if (update + 1) % args.every == 0 or update + 1 == args.updates:
            print(f"update {update + 1} R {-torch.stack(losses[-100:]).mean():.5f} seconds {time.monotonic() - begin:.0f}", flush=True)
            show(f"at {update + 1}")
    print(f"{len(losses)} updates, R {-torch.stack(losses[-100:]).mean():.5f}, {time.monotonic() - begin:.0f} s", flush=True)
    show("end")


if __name__ == "__main__":
    main()
