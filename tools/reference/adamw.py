"""Twenty steps of torch.optim.AdamW(fused=True), with clipping: tests/goldens/adamw.safetensors.

<case>.start.<p>, <case>.grad.<step>.<p>, <case>.norm [steps], <case>.after.<step>.<p>; options in the metadata.
"""
import json

import torch
from safetensors.torch import save_file

SHAPES = {"a": (3, 5), "b": (7,), "c": (2, 4)}
STEPS = 20
CASES = {
    "plain": dict(dtype="float32", lr=1e-2, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, clip=0.0),
    "decay": dict(dtype="float32", lr=3e-3, beta1=0.9, beta2=0.95, eps=1e-6, weight_decay=0.1, clip=1.0),
    "double": dict(dtype="float64", lr=1e-2, beta1=0.8, beta2=0.99, eps=1e-10, weight_decay=0.01, clip=2.0),
}


def main():
    tensors = {}
    for case, o in CASES.items():
        generator = torch.Generator().manual_seed(len(case))
        dtype = getattr(torch, o["dtype"])
        parameters = {n: torch.nn.Parameter(torch.randn(s, generator=generator, dtype=dtype)) for n, s in SHAPES.items()}
        for name, p in parameters.items():
            tensors[f"{case}.start.{name}"] = p.detach().clone()
        optimizer = torch.optim.AdamW(parameters.values(), lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"],
                                      weight_decay=o["weight_decay"], fused=True)
        norms = []
        for step in range(STEPS):
            for name, p in parameters.items():
                # from tiny to large, so that clipping is at times off, and eps at times matters
                scale = 10.0 ** (step % 7 - 5)
                p.grad = scale * torch.randn(p.shape, generator=generator, dtype=dtype)
                tensors[f"{case}.grad.{step}.{name}"] = p.grad.clone()
            limit = o["clip"] if o["clip"] > 0 else float("inf")
            norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), limit).double())
            optimizer.step()
            for name, p in parameters.items():
                tensors[f"{case}.after.{step}.{name}"] = p.detach().clone()
        tensors[f"{case}.norm"] = torch.stack(norms)
    save_file(tensors, "tests/goldens/adamw.safetensors", metadata={"config": json.dumps(CASES)})


if __name__ == "__main__":
    main()
