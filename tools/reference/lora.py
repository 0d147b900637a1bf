"""Adapter files as diffusers and ComfyUI users have them, and what diffusers makes of them.

Writes tests/goldens/lora_{diffusers,plain,comfyui}.safetensors (the files) and lora_expected.safetensors:
<form>.<layer> is the change of the layer's weight, scale * B A, after pipe.load_lora_weights(file).
"""
import os
import shutil
import tempfile

import torch
import torchvision_ops  # noqa: F401  (before diffusers)

from diffusers import WanPipeline, WanTransformer3DModel
from diffusers.training_utils import _collate_lora_metadata
from peft import LoraConfig
from peft.tuners.lora import LoraLayer
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file

GOLDENS = "tests/goldens"


def transformer():
    torch.manual_seed(11)
    return WanTransformer3DModel(patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=4,
                                 out_channels=4, text_dim=16, freq_dim=16, ffn_dim=40, num_layers=2,
                                 cross_attn_norm=True, rope_max_seq_len=32)


def pipeline(model):
    return WanPipeline(tokenizer=None, text_encoder=None, vae=None, scheduler=None, transformer=model)


def changes(path):
    """layer -> scale * B A after diffusers loaded the file."""
    model = transformer()
    pipeline(model).load_lora_weights(path)
    found = {}
    for name, module in model.named_modules():
        if isinstance(module, LoraLayer) and module.lora_A:
            (key,) = module.lora_A.keys()
            found[name] = (module.scaling[key] * module.lora_B[key].weight @ module.lora_A[key].weight).detach()
    return found


def with_metadata(path):
    model = transformer()
    model.add_adapter(LoraConfig(r=4, lora_alpha=6, target_modules=["to_q", "to_out.0", "ffn.net.0.proj", "proj_out"],
                                 rank_pattern={"ffn.net.0.proj": 2}, alpha_pattern={"attn2.to_q": 3}))
    config = model.peft_config["default"]
    config.target_modules = sorted(config.target_modules)  # a set: its order would change from run to run
    generator = torch.Generator().manual_seed(1)
    state = {k: torch.randn(v.shape, generator=generator) for k, v in get_peft_model_state_dict(model).items()}
    with tempfile.TemporaryDirectory() as folder:
        WanPipeline.save_lora_weights(folder, transformer_lora_layers=state,
                                      **_collate_lora_metadata({"transformer": model}))
        shutil.copy(os.path.join(folder, "pytorch_lora_weights.safetensors"), path)


def without_metadata(path):
    generator = torch.Generator().manual_seed(2)
    sizes = {"blocks.0.attn1.to_k": (3, 24, 24), "blocks.1.ffn.net.2": (3, 40, 24), "blocks.1.attn2.to_v": (5, 24, 24)}
    state = {}
    for layer, (rank, inner, outer) in sizes.items():
        state[f"transformer.{layer}.lora_A.weight"] = torch.randn(rank, inner, generator=generator)
        state[f"transformer.{layer}.lora_B.weight"] = torch.randn(outer, rank, generator=generator).bfloat16()
    save_file(state, path)


def comfyui(path):
    generator = torch.Generator().manual_seed(3)
    state = {}
    for block in range(2):
        names = [f"{part}.{x}" for part in ("self_attn", "cross_attn") for x in "qkvo"] + ["ffn.0", "ffn.2"]
        for i, name in enumerate(names):
            inner, outer = {"ffn.0": (24, 40), "ffn.2": (40, 24)}.get(name, (24, 24))
            rank = 4
            key = f"diffusion_model.blocks.{block}.{name}"
            state[f"{key}.lora_down.weight"] = torch.randn(rank, inner, generator=generator).half()
            state[f"{key}.lora_up.weight"] = torch.randn(outer, rank, generator=generator).half()
            if i != 5:  # one layer without alpha
                state[f"{key}.alpha"] = torch.tensor(2.0 if i % 2 else 4.0)
    for name, inner, outer in (("time_embedding.0", 16, 24), ("time_embedding.2", 24, 24), ("time_projection.1", 24, 144),
                               ("text_embedding.0", 16, 24), ("text_embedding.2", 24, 24), ("head.head", 24, 16)):
        state[f"diffusion_model.{name}.lora_down.weight"] = torch.randn(4, inner, generator=generator)
        state[f"diffusion_model.{name}.lora_up.weight"] = torch.randn(outer, 4, generator=generator)
    save_file(state, path)


def main():
    expected = {}
    for form, write in (("diffusers", with_metadata), ("plain", without_metadata), ("comfyui", comfyui)):
        path = f"{GOLDENS}/lora_{form}.safetensors"
        write(path)
        for layer, change in changes(path).items():
            expected[f"{form}.{layer}"] = change.float()
    for name, module in transformer().named_modules():
        if isinstance(module, torch.nn.Linear):
            expected[f"shape.{name}"] = torch.tensor(module.weight.shape)
    save_file({k: v.contiguous() for k, v in expected.items()}, f"{GOLDENS}/lora_expected.safetensors")


if __name__ == "__main__":
    main()
