"""Wan 2.2's form of a pipeline, two transformers, as diffusers' WanPipeline samples it: tests/goldens/pair*.safetensors.

pair_networks.safetensors holds the weights of two tiny random transformers that differ in their sizes (transformer.NAME and
transformer_2.NAME; metadata config, config_2); all other parts are assets/tiny/generator's. pair_lora.safetensors and
pair_lora_2.safetensors are an adapter of each, as diffusers saves them. pair.safetensors holds `noise` [C,T,H,W] and for each case
CASE.latents, float64's rounded to float32; its metadata `cases` is JSON with drf sample's options, `boundary`, and whether `lora`.

    python tools/reference/pair.py        (from the repository's root)
"""

import json
import os
import tempfile

import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from diffusers import WanTransformer3DModel
from flow import copy_lora, save_lora
from lift import save_golden
from pipeline import DEFAULTS, sample
from scheduler import make_scheduler

TINY = "assets/tiny/generator"
COMMON = dict(in_channels=8, out_channels=8, text_dim=64, patch_size=(1, 2, 2), cross_attn_norm=True)
CONFIGS = {  # of the same latents and text, and otherwise of their own sizes
    "transformer": dict(num_attention_heads=2, attention_head_dim=12, freq_dim=16, ffn_dim=28, num_layers=2, rope_max_seq_len=32),
    "transformer_2": dict(num_attention_heads=1, attention_head_dim=20, freq_dim=12, ffn_dim=36, num_layers=3, rope_max_seq_len=16),
}
TARGETS = {"transformer": ["attn1.to_q", "attn2.to_v", "ffn.net.2"], "transformer_2": ["attn1.to_out.0", "attn2.to_k", "ffn.net.0.proj"]}
SMALL = {"frames": 5, "size": "32x16", "steps": 6, "guidance": 3.0, "negative": "a blue square", "shift": 3.0}


def on_level(step):
    """The boundary at which the level of `step` of SMALL's Euler steps is the last of the first transformer."""
    return make_scheduler("euler", SMALL["steps"], SMALL["shift"]).timesteps[step].item() / 1000


CASES = {
    "euler": {"boundary": 0.8, "guidance-2": 2.0, "lora": True},
    "euler_base": {"boundary": 0.8, "guidance-2": 2.0},
    "euler_same_guidance": {"boundary": 0.8},
    "euler_on_a_level": {"boundary": on_level(3), "guidance-2": 1.0, "lora": True},
    "euler_first_alone": {"boundary": 0.0, "guidance-2": 2.0},
    "euler_second_alone_but_the_top": {"boundary": 1.0, "guidance-2": 2.0},
    "unipc": {"boundary": 0.8, "guidance-2": 2.0, "lora": True, "sampler": "unipc"},
    "unipc_base": {"boundary": 0.8, "guidance-2": 2.0, "sampler": "unipc"},
    "unipc_on_a_level": {"boundary": 0.857, "guidance-2": 4.0, "sampler": "unipc"},
}


def build(name, seed):
    """Weights that matter, on numbers that bfloat16 holds."""
    torch.manual_seed(seed)
    model = WanTransformer3DModel(**COMMON, **CONFIGS[name])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter + 0.2 * torch.randn(parameter.shape)).bfloat16())
    return model


def write_pair(folder, boundary):
    """A pipeline folder of the two transformers and the tiny generator's other parts."""
    for part in ("text_encoder", "tokenizer", "scheduler", "vae"):
        os.symlink(os.path.abspath(f"{TINY}/{part}"), f"{folder}/{part}")
    for seed, name in enumerate(CONFIGS):
        build(name, 20 + seed).save_pretrained(f"{folder}/{name}")
    with open(f"{TINY}/model_index.json", encoding="utf-8") as file:
        index = json.load(file)
    index |= {"transformer_2": index["transformer"], "boundary_ratio": boundary}
    with open(f"{folder}/model_index.json", "w", encoding="utf-8") as file:
        json.dump(index, file)


def save_loras(folder, place):
    """An adapter of each transformer: the paths of their files."""
    files = []
    for seed, (name, targets) in enumerate(TARGETS.items()):
        files.append(f"{place}/{name}.safetensors")
        save_lora(folder, files[-1], rank=2 + seed, alpha=3, targets=targets, seed=60 + seed, network=name)
    return files


def noise_for(seed=70):
    return torch.randn((8, 2, 4, 8), generator=torch.Generator().manual_seed(seed))


def settings_of(folder, case):
    settings = DEFAULTS | SMALL | {"model": folder} | {k: v for k, v in case.items() if k not in ("boundary", "lora")}
    return {key: value for key, value in settings.items() if value is not None}


if __name__ == "__main__":
    noise, tensors = noise_for(), {}
    with tempfile.TemporaryDirectory() as place:
        for name, case in CASES.items():
            folder = f"{place}/{name}"
            os.makedirs(folder)
            write_pair(folder, case["boundary"])
            loras = save_loras(folder, place) if case.get("lora") else (None, None)
            tensors[f"{name}.latents"] = sample(settings_of(folder, case), noise, torch.float64, loras[0], lora_2=loras[1])[0].float()
        for file, to in zip(save_loras(folder, place), ("pair_lora", "pair_lora_2")):
            copy_lora(file, f"tests/goldens/{to}.safetensors")
    save_golden("tests/goldens/pair.safetensors", tensors | {"noise": noise},
                {"cases": {name: SMALL | {"sampler": "euler", "prompt": DEFAULTS["prompt"], "text-length": DEFAULTS["text-length"]} | case
                           for name, case in CASES.items()}})
    models = {name: build(name, 20 + seed) for seed, name in enumerate(CONFIGS)}
    save_golden("tests/goldens/pair_networks.safetensors",
                {f"{name}.{key}": value for name, model in models.items() for key, value in model.state_dict().items()},
                {name: dict(COMMON | CONFIGS[name]) for name in CONFIGS})
