"""tools/fields: the solvers take numpy and torch alike, and what tune.py trains is what drf samples with."""

import sys

import numpy as np
import pytest
import torch
from conftest import ROOT, largest_difference
from safetensors.torch import load_file, save_file

sys.path.insert(1, str(ROOT / "tools/fields"))
import laws  # noqa: E402


@pytest.mark.parametrize("equation", ["poisson", "helmholtz", "darcy"])
def test_solvers_of_fields_take_numpy_and_torch(equation):
    xi = np.random.default_rng(0).standard_normal((3, 12, 12))
    want = laws.fields_of(equation, xi)
    assert np.abs(laws.fields_of(equation, torch.tensor(xi)).numpy() - want).max() < 1e-12
    assert np.array_equal(laws.draw(equation, np.random.default_rng(0), 3, 12)[0], want)


def test_adapters_that_tune_fields_are_drfs(drf, tmp_path):
    import train
    import tune

    fields = tune.Fields("assets/fields")
    model = tune.tune(fields, tune.Recipe(K=1, rank=3, lr=0.02, batch=2, updates=3, reuse=2, adapter_norm=1e-3))
    tune.save_adapters(model, str(tmp_path / "adapters.safetensors"))
    noise = fields.noise(1, torch.Generator().manual_seed(0))
    save_file({"noise": noise[0].contiguous()}, tmp_path / "noise.safetensors")
    drf("sample", "--model", "assets/fields", "--prompt", "", "--size", "32x32", "--frames", 1, "--steps", 10, "--shift", 1, "--guidance", 1,
        "--schedule", "flow", "--dtype", "float32", "--noise", tmp_path / "noise.safetensors", "--lora", tmp_path / "adapters.safetensors",
        "--save-latents", tmp_path / "latents.safetensors")
    got = load_file(tmp_path / "latents.safetensors")["latents"]
    levels = tune.flow_map.levels(10, 1.0).tolist()
    assert largest_difference(got, train.sample(model, noise, levels, fields.text)[0]) < 1e-4
    assert largest_difference(got, train.sample(fields.model, noise, levels, fields.text)[0]) > 1e-3  # the adapters do something
