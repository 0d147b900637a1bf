"""Full weights (train.weights = "full"): the gradient of every one is that of PyTorch's whole graph, and what drf saves is
a transformer that diffusers opens and samples with."""

import pytest
import torch
from conftest import largest_difference, relative_error
from diffusers import WanTransformer3DModel
from flow import CASES, read_config, run, write_inputs, write_toml
from pipeline import DEFAULTS, MODEL, Generator, noise_for, sample
from safetensors.torch import load_file
from test_sample import run as drf_sample

SECTIONS = ("generator", "critic", "prompts", "questions", "sampling", "flow", "reward", "train", "output")


def full_config(place, case, seed):
    """A configuration of `case` that trains all weights; its path and its prompt."""
    settings, prompt, kinds = CASES[case]
    config = read_config(write_inputs(place, settings, seed=seed, kinds=kinds))
    config = {name: config[name] for name in SECTIONS}
    config["train"] = config["train"] | {"weights": "full"}
    write_toml(place / "full.toml", config)
    return place / "full.toml", prompt


@pytest.mark.parametrize("case", CASES)
def test_every_weights_gradient_agrees_to_1e_9(drf, tmp_path, case):
    config, prompt = full_config(tmp_path, case, seed=21)
    want = run(read_config(config), prompt, torch.float64)
    drf("gradient", config, "--prompt", prompt, "--dtype", "float64", "-o", tmp_path / "out.safetensors")
    got = load_file(tmp_path / "out.safetensors")
    of_weights = [name for name in got if name.startswith("d.transformer.")]
    assert len(of_weights) == len(list(WanTransformer3DModel.from_pretrained(f"{MODEL}/transformer").parameters()))
    assert set(got) == set(want) - {"text"}
    errors = {name: relative_error(tensor, want[name]) for name, tensor in got.items()}
    assert max(errors.values()) < 1e-9, {k: v for k, v in errors.items() if v >= 1e-9}
    assert all(got[name].norm() > 0 for name in of_weights)


@pytest.fixture(scope="module")
def trained(drf, tmp_path_factory):
    """The folder of a bfloat16 generator that two updates of drf train leave, with an average beside it."""
    place = tmp_path_factory.mktemp("full")
    config = read_config(full_config(place, "plain", seed=22)[0])
    del config["sampling"]["noise"]
    config["generator"]["dtype"] = "bfloat16"
    config["train"] = {"weights": "full", "updates": 2, "batch": 1, "lr": 3e-3, "warmup": 0, "ema": 0.5}
    write_toml(place / "train.toml", config)
    return drf("train", place / "train.toml").strip().splitlines()[-1]


@pytest.mark.parametrize("suffix", ["", "_ema"])
def test_diffusers_opens_what_drf_saved(trained, suffix):
    folder = trained + suffix
    model, report = WanTransformer3DModel.from_pretrained(folder, output_loading_info=True)
    assert not any(report.values()), report  # missing, unexpected, mismatched keys, errors
    base = WanTransformer3DModel.from_pretrained(f"{MODEL}/transformer")
    assert dict(model.config) == dict(base.config) | {"_name_or_path": folder}
    file = load_file(f"{folder}/diffusion_pytorch_model.safetensors")
    assert set(file) == set(base.state_dict())
    for name, tensor in model.state_dict().items():
        assert file[name].dtype == torch.float32  # the masters of a bfloat16 model
        assert torch.equal(tensor, file[name]), name
    moved = [name for name, tensor in base.state_dict().items() if not torch.equal(tensor, file[name])]
    assert len(moved) == len(file)


def test_diffusers_and_drf_sample_the_same_with_it(drf, trained, tmp_path, monkeypatch):
    settings = DEFAULTS | {"steps": 3, "guidance": 3.0}
    noise = noise_for(settings, seed=5)
    base, _ = drf_sample(drf, settings, noise, tmp_path, "--dtype", "float64")
    latents, _ = drf_sample(drf, settings, noise, tmp_path, "--dtype", "float64", "--weights", trained)
    original = Generator.__init__

    def with_trained(self, *arguments):
        original(self, *arguments)
        rope = self.pipe.transformer.rope  # in this dtype already
        self.pipe.transformer = WanTransformer3DModel.from_pretrained(trained).eval().to(self.dtype)
        self.pipe.transformer.rope = rope

    monkeypatch.setattr(Generator, "__init__", with_trained)
    want, _ = sample(settings, noise, torch.float64)
    assert largest_difference(latents, want) < 1e-6
    assert largest_difference(latents, base) > 1e-2
