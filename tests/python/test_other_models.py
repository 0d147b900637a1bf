"""Nothing is made for the bundled models alone: other widths, patches, factors and heads, end to end.

A generator whose VAE halves once in space and time and whose transformer takes single latents as patches; a critic with
one key head, tied embeddings, patches of 4 and other windows. Weights are random, so the answers mean nothing, but every
number must be the reference's.
"""

import json
import pathlib
import shutil

import pytest
import torch
from conftest import largest_difference, relative_error
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from flow import read_config, run, save_lora, some_questions, write_toml
from critic import write_questions
from pipeline import sample
from qwen3_critic import make_folder
from safetensors.torch import load_file, save_file
from test_reference import write_pictures
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

TINY = pathlib.Path("assets/tiny")
PROMPT = "a red ball moves left on a black background"


def stirred(model, amount):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(amount * torch.randn_like(parameter))
    return model


def make_generator(folder):
    for part in ("model_index.json", "scheduler", "text_encoder", "tokenizer"):
        source = TINY / "generator" / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
    stirred(WanTransformer3DModel(patch_size=(1, 1, 1), num_attention_heads=2, attention_head_dim=18, in_channels=4,
                                  out_channels=4, text_dim=64, freq_dim=16, ffn_dim=36, num_layers=2, cross_attn_norm=True,
                                  rope_max_seq_len=64), 0.1).save_pretrained(folder / "transformer")
    stirred(AutoencoderKLWan(base_dim=8, z_dim=4, dim_mult=[1, 2], num_res_blocks=1, attn_scales=[],
                             temperal_downsample=[True], latents_mean=[0.1, 0.2, -0.1, 0.0],
                             latents_std=[1.0, 0.8, 1.2, 0.9]), 0.05).save_pretrained(folder / "vae")


def make_critic(folder):
    config = json.loads((TINY / "critic/config.json").read_text())
    text, vision = config["text_config"], config["vision_config"]
    text.update(hidden_size=72, intermediate_size=80, num_attention_heads=6, num_key_value_heads=1, num_hidden_layers=2,
                layer_types=["full_attention"] * 2, tie_word_embeddings=True)
    text["rope_parameters"].update(mrope_section=[2, 3, 1], rope_theta=500000.0)
    vision.update(depth=3, hidden_size=40, intermediate_size=56, num_heads=2, out_hidden_size=72, patch_size=4,
                  window_size=24, fullatt_block_indexes=[2], tokens_per_second=3)
    config["tie_word_embeddings"] = True
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**{k: v for k, v in config.items() if k != "architectures"}))
    stirred(model, 0.1).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TINY / "critic" / name, folder / name)
    processor = json.loads((TINY / "critic/video_preprocessor_config.json").read_text()) | {"patch_size": 4}
    (folder / "video_preprocessor_config.json").write_text(json.dumps(processor))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(11)
    for name, make in (("generator", make_generator), ("critic", make_critic), ("qwen3", lambda f: make_folder(f, tied=False))):
        (folder / name).mkdir()
        make(folder / name)
    save_lora(str(folder / "generator"), str(folder / "lora.safetensors"), 3, 5, ["to_q", "ffn.net.0.proj", "proj_out"], 6)
    return folder


CASES = {
    "wide": {"frames": 7, "width": 26, "height": 10, "steps": 4, "guidance": 2.0, "negative": "blue"},
    "one frame": {"frames": 1, "width": 8, "height": 22, "steps": 2, "guidance": 1.0},
}


@pytest.mark.parametrize("critic, recompute", [("critic", "none"), ("critic", "block"), ("qwen3", "none"), ("qwen3", "block")])
@pytest.mark.parametrize("case", CASES)
def test_the_gradient_equals_the_references(drf, tmp_path, models, case, critic, recompute):
    sampling = {"fps": 6.0, "shift": 4.0} | CASES[case]
    shape = (4, (sampling["frames"] - 1) // 2 + 1, sampling["height"] // 2, sampling["width"] // 2)
    save_file({"noise": torch.randn(shape, generator=torch.Generator().manual_seed(1))}, tmp_path / "noise.safetensors")
    (tmp_path / "prompts.txt").write_text(PROMPT + "\n")
    questions = some_questions(0, ("yes_no", "dense"))
    questions[-1].reference = write_pictures(tmp_path / "reference", 6, 16, 24, 5)
    write_questions(tmp_path / "questions.jsonl", questions)
    write_toml(tmp_path / "config.toml", {
        "generator": {"path": str(models / "generator"), "dtype": "float64", "text_length": 30},
        "critic": {"path": str(models / critic), "dtype": "float64", "frames": 5},
        "prompts": {"train": str(tmp_path / "prompts.txt")}, "questions": {"file": str(tmp_path / "questions.jsonl")},
        "sampling": sampling | {"noise": str(tmp_path / "noise.safetensors")},
        "flow": {"K": 2}, "lora": {"init_from": str(models / "lora.safetensors")}, "output": {"dir": str(tmp_path / "run")}})
    want = run(read_config(tmp_path / "config.toml"), 0, torch.float64)
    drf("gradient", tmp_path / "config.toml", "--prompt", 0, "-o", tmp_path / "out.safetensors", "--set",
        f"flow.recompute={recompute}")
    got = load_file(tmp_path / "out.safetensors")
    errors = {name: relative_error(tensor, want[name]) for name, tensor in got.items()}
    assert max(errors.values()) < 1e-9, {k: v for k, v in errors.items() if v >= 1e-9}
    assert all(tensor.norm() > 0 for tensor in got.values())


@pytest.mark.parametrize("sampler", ["euler", "unipc"])
def test_sampling_equals_the_pipeline(drf, tmp_path, models, sampler):
    settings = {"model": str(models / "generator"), "frames": 5, "size": "48x16", "steps": 3, "guidance": 2.0, "shift": 2.0,
                "sampler": sampler, "prompt": PROMPT, "text-length": 12}
    noise = torch.randn((4, 3, 8, 24), generator=torch.Generator().manual_seed(2))
    save_file({"noise": noise}, tmp_path / "noise.safetensors")
    lora = str(models / "lora.safetensors")
    drf("sample", *[f"--{k}={v}" for k, v in settings.items()], "--dtype=float64", "--lora", lora, "--lora-scale=0.5",
        "--noise", tmp_path / "noise.safetensors", "--save-latents", tmp_path / "x.safetensors", "--save-frames",
        tmp_path / "f.safetensors")
    latents, frames = sample(settings, noise, torch.float64, lora, lora_scale=0.5)
    got = load_file(tmp_path / "x.safetensors")["latents"]
    assert largest_difference(got, latents) < 1e-6 * latents.abs().max()
    assert largest_difference(load_file(tmp_path / "f.safetensors")["frames"].clamp(0, 1), frames) < 1e-6
