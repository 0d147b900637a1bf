"""The table of a generator of fields: what each run's samples are worth beside data (rewards.md section 1).

    python bench/fields.py --model assets/fields ROW=LATENTS[,ADAPTERS[,RUN]] ... [--data 512]

LATENTS: a safetensors file whose `latents` or `x0` is [N, C, 1, H, W]; ADAPTERS: adapters.safetensors, of which sum ||B A|| is
printed; RUN: a run folder, of which metrics.jsonl gives the seconds. Prints Markdown: mean |r|, R = -mean (r/s)^2, error against
the solution (linear equations), spread (1 is right) and spectrum (0 is right) of each channel. `--data N` adds a row of fresh data.
"""

import argparse
import json
import pathlib
import sys

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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW=LATENTS[,ADAPTERS[,RUN]]")
    parser.add_argument("--model", default=str(ROOT / "assets/fields"))
    parser.add_argument("--data", type=int, default=512)
    args = parser.parse_args()
    with open(pathlib.Path(args.model) / "fields.json", encoding="utf-8") as file:
        fields = json.load(file)
    mean, std = (np.array(fields[key])[:, None, None] for key in ("mean", "std"))
    names = " ".join(fields["channels"])
    print(f"| | mean \\|r\\| | R | solve error | spread {names} | spectrum {names} | sum ‖BA‖ | s |\n|---|---|---|---|---|---|---|---|")
    side = len(fields["data"]["power"][0]) + 1
    if args.data:
        q = laws.draw(fields["equation"], np.random.default_rng(1000), args.data, side)[0].astype(np.float32).astype(np.float64)
        print(f"| data | {' | '.join(row_of(fields, q))} | | |")
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
