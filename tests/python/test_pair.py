"""Wan 2.2's two transformers: drf sample equals diffusers' WanPipeline, and diffusers takes the two files that drf trains."""

import pytest
import torch
from conftest import largest_difference
from flow import read_config, write_inputs, write_toml
from pair import noise_for, save_loras, settings_of, write_pair
from pipeline import sample
from safetensors import safe_open
from safetensors.torch import load_file
from test_sample import run

CASES = {
    "euler": {"boundary": 0.85},
    "euler, two guidances": {"boundary": 0.7, "guidance-2": 1.5, "shift": 5.0},
    "euler, guided above the boundary alone": {"boundary": 0.9, "guidance-2": 1.0},
    "unipc": {"sampler": "unipc", "boundary": 0.85},
    "unipc, two guidances": {"sampler": "unipc", "boundary": 0.7, "guidance-2": 1.5, "shift": 5.0},
    "unipc, unguided": {"sampler": "unipc", "boundary": 0.5, "guidance": 1.0, "negative": None},
}


@pytest.mark.parametrize("which", [(), (0,), (1,), (0, 1)], ids=["base", "lora", "lora_2", "both"])
@pytest.mark.parametrize("case", CASES)
def test_float64_equals_the_pipeline_in_float64(drf, tmp_path, case, which):
    model = tmp_path / "pair"
    model.mkdir()
    write_pair(str(model), CASES[case]["boundary"])
    settings, noise = settings_of(str(model), CASES[case]), noise_for(seed=1)
    files = [file if i in which else None for i, file in enumerate(save_loras(str(model), tmp_path))]
    more = [argument for option, file in zip(("--lora", "--lora-2"), files) if file for argument in (option, file)]
    more += ["--lora-scale", "0.7"] if which else []
    latents, frames = run(drf, settings, noise, tmp_path, "--dtype", "float64", *more)
    want_latents, want_frames = sample(settings, noise, torch.float64, files[0], 0.7, files[1])
    # The files hold float32: half an ulp of values up to 8 is 2.4e-7.
    assert largest_difference(latents, want_latents) < 1e-6
    assert largest_difference(frames.clamp(0, 1), want_frames) < 1e-6


def test_diffusers_takes_both_files_of_a_run(drf, tmp_path):
    model = tmp_path / "pair"
    model.mkdir()
    write_pair(str(model), 0.85)
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    config = read_config(write_inputs(inputs, {"sampling": {"width": 32, "guidance": 3.0}, "flow": {"K": 4}}, seed=11))
    config = {name: config[name] for name in ("generator", "critic", "prompts", "questions", "sampling", "flow", "output")}
    del config["sampling"]["noise"]
    config["generator"]["path"] = str(model)
    config["lora"] = {"rank": 3, "alpha": 5}
    config["train"] = {"updates": 2, "lr": 0.05, "warmup": 0}
    write_toml(tmp_path / "train.toml", config)
    files = drf("train", tmp_path / "train.toml").split()
    assert [file.rsplit("/", 1)[1] for file in files] == ["adapters.safetensors", "adapters_2.safetensors"]
    for file, network in zip(files, ("transformer", "transformer_2")):
        assert all(name.startswith("transformer.blocks.") for name in load_file(file))
        with safe_open(file, "pt") as opened:
            assert opened.metadata()["drf_network"] == network
    settings, noise = settings_of(str(model), {"guidance-2": 2.0}), noise_for(seed=2)
    latents, _ = run(drf, settings, noise, tmp_path, "--dtype", "float64", "--lora", files[0], "--lora-2", files[1])
    assert largest_difference(latents, sample(settings, noise, torch.float64, files[0], 1.0, files[1])[0]) < 1e-6
    assert largest_difference(latents, sample(settings, noise, torch.float64, files[0])[0]) > 1e-3
    assert largest_difference(latents, sample(settings, noise, torch.float64, None, 1.0, files[1])[0]) > 1e-3
