"""The table of a generator of fields: what each run's samples are worth beside data (rewards.md section 1).

    python bench/fields.py --model assets/fields ROW=LATENTS[,ADAPTERS[,RUN]] ... [--data 512]
    python bench/fields.py --table [--updates 150] [--device cuda --record] [-o ADAPTERS_FOLDER]

LATENTS: a safetensors file whose `latents` or `x0` is [N, C, 1, H, W]; ADAPTERS: adapters.safetensors, of which sum ||B A|| is
printed; RUN: a run folder, of which metrics.jsonl gives the seconds. Prints Markdown: mean |r|, R = -mean (r/s)^2, error against
the solution (linear equations), spread (1 is right) and spectrum (0 is right) of each channel. `--data N` adds a row of fresh data.

--table trains and samples its rows itself, by tools/fields/tune.py from the network's own rollouts, seed 0 and 5; `--data` samples a
row, noise of seed 123. --row NAME:KEY=VALUE,... in the place of the table's rows; keys are tune.py's, and guidance, corrections, from.
"""

import argparse
import json
import pathlib
import sys
import time

import numpy as np
from safetensors.numpy import load_file

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(1, str(ROOT / "tools/fields"))
import laws  # noqa: E402
import measures  # noqa: E402
import residuals  # noqa: E402


def row_of(fields, q):
    """The columns that come from samples q [N, C, H, W]."""
    equation, scale = fields["equation"], fields.get("residual_scale", 1.0)
    r = residuals.residual(equation, q, np, fields.get("time_spacing", 1.0))
    cells = [f"{np.abs(r).mean():.3g}", f"{-((r / scale) ** 2).mean():.3g}"]
    linear = equation in ("poisson", "helmholtz")
    cells.append(f"{measures.solve_error(equation, q):.3g}" if linear else "")
    data = fields["data"]
    spread, spectrum = measures.compare(measures.statistics(q), (np.array(data["variance"]), np.array(data["power"])))
    return cells + [" ".join(f"{v:.3f}" for v in values) for values in (spread, spectrum)]


def adapter_norm(path):
    """sum over layers of ||B A||, without alpha / r."""
    tensors = load_file(path)
    total = 0.0
    for name in tensors:
        if name.endswith("lora_A.weight"):
            total += float(np.linalg.norm(tensors[name.replace("lora_A", "lora_B")] @ tensors[name]))
    return total


def seconds_of(run):
    with open(pathlib.Path(run) / "metrics.jsonl", encoding="utf-8") as file:
        return sum(json.loads(line).get("seconds", 0.0) for line in file)


# Rows of the table: what differs from tune.py's recipe. Without a K nothing is trained.
TABLE = [
    ("base, N 5", dict(N=5)), ("base, N 10", dict()), ("base, N 20", dict(N=20)),
    ("K 1", dict(K=1)), ("K 2", dict(K=2)), ("K 4", dict(K=4)), ("K 10 = N", dict(K=10)),
    ("K 2, N 5", dict(K=2, N=5)), ("K 2, N 20", dict(K=2, N=20)),
    ("K 2, no regulariser", dict(K=2, anchor=0.0)), ("K 2, anchor .3", dict(K=2, anchor=0.3)),
    ("K 2, adapter norm 1e-4", dict(K=2, anchor=0.0, adapter_norm=1e-4)),
    ("K 2, adapter norm 1e-3", dict(K=2, anchor=0.0, adapter_norm=1e-3)),
    ("K 2, full weights", dict(K=2, full=True, lr=1e-4)),
    ("base, guided at the last step", dict(guidance=2e-4)), ("base, 20 corrections", dict(guidance=1e-4, corrections=20)),
    ("K 2, 20 corrections", dict(K=2, guidance=1e-4, corrections=20)),
]


def sample_guided(fields, model, noise, levels, strength, corrections):
    """As rewards/residual_guidance: beyond four fifths of the steps x less strength times the gradient of ||r(x0)||, then corrections."""
    import torch

    def norm(x):
        return fields.residual(x).square().sum((1, 2)).sqrt().sum()

    out = []
    for x in noise.split(64):
        for k in range(len(levels) - 1):
            leaf = x.detach().requires_grad_(k > 0.8 * (len(levels) - 1))
            with torch.set_grad_enabled(leaf.requires_grad):
                v = fields.velocity(model, leaf, levels[k])
            x = leaf.detach() + (levels[k + 1] - levels[k]) * v.detach()
            if leaf.requires_grad:
                x = x - strength * torch.autograd.grad(norm(leaf - levels[k] * v), leaf)[0]
        for _ in range(corrections):
            leaf = x.detach().requires_grad_(True)
            x = leaf.detach() - strength * torch.autograd.grad(norm(leaf), leaf)[0]
        out.append(x.detach())
    return torch.cat(out)


def table(args, fields_json, mean, std):
    import torch
    import tune

    torch.set_num_threads(args.threads)
    torch.backends.cudnn.allow_tf32 = False
    fields = tune.Fields(args.model, args.device)
    noise = fields.noise(args.data, torch.Generator().manual_seed(123))
    known = {}  # rows that differ in guidance alone share what was trained
    for name, given in args.row or TABLE:
        given = dict(given)
        guidance, corrections = given.pop("guidance", 0.0), int(given.pop("corrections", 0))
        recipe = tune.Recipe(updates=args.updates, batch=args.batch, lr=args.lr, record=args.record)
        recipe = tune.dataclasses.replace(recipe, **given)
        model, begin, key, done = fields.model, time.monotonic(), str(recipe), []
        if "K" in given and key not in known:
            known[key] = tune.tune(fields, recipe, lambda update, *_: done.append(update))
            if recipe.seconds:
                name += f", {len(done)} updates"
        model = known.get(key, model) if "K" in given else model
        if fields.device.type == "cuda":
            torch.cuda.synchronize()
        seconds = time.monotonic() - begin
        levels = tune.flow_map.levels(recipe.N, recipe.shift).tolist()
        z = sample_guided(fields, model, noise, levels, guidance, corrections)
        cells = row_of(fields_json, z.squeeze(2).double().cpu().numpy() * std + mean)
        norms = [(m.b @ m.a).norm().item() for _, m in tune.adapters(model)]
        print(f"| {name} | {' | '.join(cells)} | {f'{sum(norms):.3g}' if norms else ''} | {seconds:.0f} |", flush=True)
        if args.output and norms:
            pathlib.Path(args.output).mkdir(parents=True, exist_ok=True)
            tune.save_adapters(model, str(pathlib.Path(args.output) / f"{name.replace(' ', '-').replace(',', '')}.safetensors"))


def row_given(text):
    name, _, keys = text.partition(":")
    return name, {key: json.loads(value) for key, value in (pair.split("=") for pair in keys.split(",") if pair)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW=LATENTS[,ADAPTERS[,RUN]]")
    parser.add_argument("--model", default=str(ROOT / "assets/fields"))
    parser.add_argument("--data", type=int, default=512)
    parser.add_argument("--table", action="store_true", help="train and sample the table's rows")
    parser.add_argument("--row", action="append", type=row_given, metavar="NAME:KEY=VALUE,...")
    parser.add_argument("--updates", type=int, default=150)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--record", action="store_true", help="cuda: an update is one CUDA graph")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-o", "--output", help="folder for the table's adapters")
    args = parser.parse_args()
    with open(pathlib.Path(args.model) / "fields.json", encoding="utf-8") as file:
        fields = json.load(file)
    mean, std = (np.array(fields[key])[:, None, None] for key in ("mean", "std"))
    names = " ".join(fields["channels"])
    print(f"| | mean \\|r\\| | R | solve error | spread {names} | spectrum {names} | sum ‖BA‖ | s |\n|---|---|---|---|---|---|---|---|")
    side = len(fields["data"]["power"][0]) + 1
    if args.data:
        q = laws.draw(fields["equation"], np.random.default_rng(1000), args.data, side)[0].astype(np.float32).astype(np.float64)
        print(f"| data | {' | '.join(row_of(fields, q))} | | |", flush=True)
    if args.table:
        table(args, fields, mean, std)
    for row in args.rows:
        name, _, files = row.partition("=")
        latents, adapters, run = (files.split(",") + ["", ""])[:3]
        tensors = load_file(latents)
        z = tensors["latents" if "latents" in tensors else "x0"].astype(np.float64)
        cells = row_of(fields, z[:, :, 0] * std + mean)
        cells += [f"{adapter_norm(adapters):.3g}" if adapters else "", f"{seconds_of(run):.0f}" if run else ""]
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
