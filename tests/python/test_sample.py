"""drf sample equals diffusers' WanPipeline on the same noise and settings."""

import pytest
import torch
from conftest import largest_difference
from flow import save_lora
from pipeline import DEFAULTS, MODEL, noise_for, sample
from safetensors import safe_open
from safetensors.torch import load_file, save_file

CASES = {
    "euler": {"steps": 8},
    "euler, one step": {"steps": 1, "shift": 1.0},
    "euler, guided": {"steps": 4, "guidance": 3.0, "negative": "a blue square"},
    "euler, guided against nothing": {"steps": 4, "guidance": 5.0, "shift": 8.0, "size": "32x48", "frames": 5},
    "unipc": {"sampler": "unipc", "steps": 8, "shift": 5.0},
    "unipc, guided": {"sampler": "unipc", "steps": 4, "guidance": 5.0, "negative": "gray", "size": "48x32", "frames": 1},
    "unipc, two steps": {"sampler": "unipc", "steps": 2, "guidance": 3.0, "frames": 13},
    "a prompt to clean and to cut": {"steps": 2, "prompt": " a  green ball &amp; a red ball\t and more and more and more " * 3},
}


def run(drf, settings, noise, folder, *more):
    save_file({"noise": noise}, folder / "noise.safetensors")
    options = [f"--{name}={value}" for name, value in settings.items()]
    drf("sample", *options, "--noise", folder / "noise.safetensors", "--save-latents", folder / "latents.safetensors",
        "--save-frames", folder / "frames.safetensors", *more)
    return load_file(folder / "latents.safetensors")["latents"], load_file(folder / "frames.safetensors")["frames"]


@pytest.mark.parametrize("with_lora", [False, True], ids=["base", "lora"])
@pytest.mark.parametrize("case", CASES)
def test_float64_equals_the_pipeline_in_float64(drf, tmp_path, case, with_lora):
    settings = DEFAULTS | CASES[case]
    noise, lora, more = noise_for(settings, seed=1), None, []
    if with_lora:
        lora = str(tmp_path / "lora.safetensors")
        save_lora(MODEL, lora, rank=4, alpha=6, targets=["to_q", "to_v", "ffn.net.0.proj"], seed=2)
        more = ["--lora", lora, "--lora-scale", "0.7"]
    latents, frames = run(drf, settings, noise, tmp_path, "--dtype", "float64", *more)
    want_latents, want_frames = sample(settings, noise, torch.float64, lora, lora_scale=0.7)
    # The files hold float32: half an ulp of values up to 8 is 2.4e-7.
    assert largest_difference(latents, want_latents) < 1e-6
    assert largest_difference(frames.clamp(0, 1), want_frames) < 1e-6


@pytest.mark.parametrize("case", ["euler", "unipc, guided"])
def test_adapters_of_the_last_steps_compute_there_alone(drf, tmp_path, case):
    settings = DEFAULTS | CASES[case]
    noise, lora = noise_for(settings, seed=1), str(tmp_path / "lora.safetensors")
    save_lora(MODEL, lora, rank=4, alpha=6, targets=["to_q", "to_v", "ffn.net.0.proj"], seed=2)
    everywhere, _ = run(drf, settings, noise, tmp_path, "--dtype", "float64", "--lora", lora)
    with safe_open(lora, "pt") as file:
        metadata = file.metadata()
    save_file(load_file(lora), lora, metadata | {"drf_sigma_max": "0.8"})
    latents, _ = run(drf, settings, noise, tmp_path, "--dtype", "float64", "--lora", lora)
    want, _ = sample(settings, noise, torch.float64, lora, sigma_max=0.8)
    assert largest_difference(latents, want) < 1e-6
    assert largest_difference(latents, everywhere) > 1e-3


@pytest.mark.parametrize("case", ["euler", "euler, guided", "unipc, guided"])
def test_float32_equals_the_pipeline_to_rounding(drf, tmp_path, case):
    settings = DEFAULTS | CASES[case]
    noise = noise_for(settings, seed=3)
    latents, frames = run(drf, settings, noise, tmp_path)
    want_latents, want_frames = sample(settings, noise)
    # The pipeline's own float32 run is about 1e-5 from its float64 one (tools/reference/pipeline.py prints it).
    assert largest_difference(latents, want_latents) < 1e-4
    assert largest_difference(frames.clamp(0, 1), want_frames) < 1e-4


def test_the_models_own_scheduler_fills_in_what_is_left_open(drf, tmp_path):
    settings = {k: v for k, v in DEFAULTS.items() if k not in ("sampler", "shift")}
    noise = noise_for(settings, seed=4)
    assert largest_difference(run(drf, settings, noise, tmp_path)[0], sample(DEFAULTS, noise)[0]) < 1e-4


def test_frames_are_not_clamped(drf, tmp_path):
    settings = DEFAULTS | {"prompt": "a red ball moves left on a white background", "guidance": 5.0}
    frames = run(drf, settings, noise_for(settings, seed=5), tmp_path)[1]
    assert frames.min() < 0 or frames.max() > 1
