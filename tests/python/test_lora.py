"""Adapter files go both ways between drf, diffusers (load_lora_weights) and ComfyUI's names."""

import json
import logging
import re

import pytest
import torch
from conftest import largest_difference
from diffusers import WanPipeline
from diffusers.training_utils import _collate_lora_metadata
from flow import read_config, save_lora, write_inputs, write_toml
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from peft.utils import get_peft_model_state_dict
from pipeline import DEFAULTS, MODEL, noise_for, sample
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from test_sample import run

COMFYUI = [(r"attn1\.to_([qkv])", r"self_attn.\1"), (r"attn2\.to_([qkv])", r"cross_attn.\1"), (r"attn1\.to_out\.0", "self_attn.o"),
           (r"attn2\.to_out\.0", "cross_attn.o"), (r"ffn\.net\.0\.proj", "ffn.0"), (r"ffn\.net\.2", "ffn.2")]
TARGETS = ["to_q", "to_k", "to_v", "to_out.0", "ffn.net.0.proj", "ffn.net.2"]


@pytest.fixture(scope="module")
def trained(drf, tmp_path_factory):
    """The file that two updates of drf train leave: rank 3, alpha 5, so that a lost alpha shows."""
    place = tmp_path_factory.mktemp("trained")
    config = read_config(write_inputs(place, {}, seed=11))
    config = {name: config[name] for name in ("generator", "critic", "prompts", "questions", "sampling", "output")}
    del config["sampling"]["noise"]
    config["lora"] = {"rank": 3, "alpha": 5, "targets": TARGETS}
    config["train"] = {"updates": 2, "batch": 2, "lr": 0.05, "warmup": 0}
    write_toml(place / "train.toml", config)
    path = drf("train", place / "train.toml").strip().splitlines()[-1]
    assert load_file(path), path
    return path


def load(path):
    """The pipeline with the adapter; diffusers says nothing of missing or unexpected keys."""
    pipe = WanPipeline.from_pretrained(MODEL)
    state, metadata = WanPipeline.lora_state_dict(path, return_lora_metadata=True)
    said = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    diffusers_log = logging.getLogger("diffusers")
    level = diffusers_log.level
    diffusers_log.addHandler(handler)
    diffusers_log.setLevel(logging.WARNING)
    try:
        pipe.load_lora_weights(path)
    finally:
        diffusers_log.removeHandler(handler)
        diffusers_log.setLevel(level)
    assert not [line for line in said if "keys" in line], said
    return pipe, state, metadata


def layers(pipe):
    """layer -> (A, B, scale) of the adapter in the pipeline."""
    found = {}
    for name, module in pipe.transformer.named_modules():
        if isinstance(module, LoraLayer) and module.lora_A:
            (key,) = module.lora_A
            found[name] = (module.lora_A[key].weight, module.lora_B[key].weight, module.scaling[key])
    return found


def test_diffusers_takes_what_drf_trained(trained):
    pipe, state, metadata = load(trained)
    assert metadata, "no lora_adapter_metadata"
    found = layers(pipe)
    assert len(found) == 6 * 10 and len(state) == 2 * len(found)
    file = load_file(trained)
    for name, (a, b, scale) in found.items():
        assert torch.equal(a, file[f"transformer.{name}.lora_A.weight"])
        assert torch.equal(b, file[f"transformer.{name}.lora_B.weight"])
        assert scale == pytest.approx(5 / 3)
        assert b.abs().max() > 0, f"{name} was not trained"
    assert all(tensor.dtype is torch.float32 for tensor in file.values())


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_samples_of_what_drf_trained_are_equal(drf, trained, tmp_path, scale):
    noise = noise_for(DEFAULTS, seed=12)
    latents, _ = run(drf, DEFAULTS, noise, tmp_path, "--dtype", "float64", "--lora", trained, "--lora-scale", scale)
    want, _ = sample(DEFAULTS, noise, torch.float64, trained, scale)
    base, _ = sample(DEFAULTS, noise, torch.float64)
    assert largest_difference(latents, want) < 1e-6
    assert largest_difference(latents, base) > 1e-3


def to_comfyui(path, to, suffixes):
    """The same adapter under the original model's names, with the alphas as tensors."""
    with safe_open(path, "pt") as file:
        alpha = json.loads(file.metadata()["lora_adapter_metadata"])["transformer.lora_alpha"]
    tensors = {}
    for name, tensor in load_file(path).items():
        layer, half = re.fullmatch(r"transformer\.(.*)\.lora_([AB])\.weight", name).groups()
        for pattern, original in COMFYUI:
            layer = re.sub(pattern + "$", original, layer)
        tensors[f"diffusion_model.{layer}.{suffixes[half]}.weight"] = tensor
        tensors[f"diffusion_model.{layer}.alpha"] = torch.tensor(float(alpha))
    save_file(tensors, to)


@pytest.mark.parametrize("suffixes", [{"A": "lora_A", "B": "lora_B"}, {"A": "lora_down", "B": "lora_up"}], ids=["AB", "down/up"])
def test_comfyuis_names_mean_the_same_to_drf_and_diffusers(drf, tmp_path, suffixes):
    ours, theirs = str(tmp_path / "diffusers.safetensors"), str(tmp_path / "comfyui.safetensors")
    save_lora(MODEL, ours, rank=4, alpha=2, targets=TARGETS, seed=13)
    to_comfyui(ours, theirs, suffixes)
    # diffusers' own converter reads alpha and names as we wrote them: the same change of every weight.
    one, other = layers(load(ours)[0]), layers(load(theirs)[0])
    assert one.keys() == other.keys()
    for name, (a, b, scale) in one.items():
        c, d, other_scale = other[name]
        assert torch.allclose(scale * b @ a, other_scale * d @ c, rtol=0, atol=1e-6), name
    noise = noise_for(DEFAULTS, seed=14)
    want, _ = sample(DEFAULTS, noise, torch.float64, ours)
    for file in (ours, theirs):
        assert largest_difference(run(drf, DEFAULTS, noise, tmp_path, "--dtype", "float64", "--lora", file)[0], want) < 1e-6


def test_ranks_and_alphas_may_differ_from_layer_to_layer(drf, tmp_path):
    pipe = WanPipeline.from_pretrained(MODEL)
    pipe.transformer.add_adapter(LoraConfig(r=4, lora_alpha=6, target_modules=["to_q", "ffn.net.2"],
                                            rank_pattern={"ffn.net.2": 2}, alpha_pattern={"attn2.to_q": 3}))
    draws = torch.Generator().manual_seed(15)
    state = {k: 0.2 * torch.randn(v.shape, generator=draws) for k, v in get_peft_model_state_dict(pipe.transformer).items()}
    WanPipeline.save_lora_weights(tmp_path, state, **_collate_lora_metadata({"transformer": pipe.transformer}))
    lora = str(tmp_path / "pytorch_lora_weights.safetensors")
    noise = noise_for(DEFAULTS, seed=16)
    got = run(drf, DEFAULTS, noise, tmp_path, "--dtype", "float64", "--lora", lora)[0]
    assert largest_difference(got, sample(DEFAULTS, noise, torch.float64, lora)[0]) < 1e-6
