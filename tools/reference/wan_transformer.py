"""Goldens of Wan's transformer from diffusers: tests/goldens/wan_transformer_{a,b,c,d}.safetensors.

Each holds random weights and inputs (numbers that float32 holds exactly, weights as float32), and in float64: the
velocity `out.v` and the gradients of sum(out.v * probe) to inputs and to every parameter. `out.v_float32` and
`out.v_bfloat16` are the unlifted reference's own answers in those dtypes, the yardsticks of rounding.

    python tools/reference/wan_transformer.py        (from the repository's root)
"""

import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from diffusers import WanTransformer3DModel
from diffusers.utils import logging
from lift import NoFloat32, lifted, save_golden

logging.set_verbosity_error()

# name: config, batch, latent frames/height/width, text tokens, timesteps
CASES = {
    "a": (dict(patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=4, out_channels=4,
               text_dim=10, freq_dim=16, ffn_dim=28, num_layers=2, cross_attn_norm=True, rope_max_seq_len=16),
          2, (3, 4, 6), 7, (371.25, 1000.0)),
    "b": (dict(patch_size=(1, 1, 1), num_attention_heads=3, attention_head_dim=8, in_channels=8, out_channels=8,
               text_dim=9, freq_dim=10, ffn_dim=20, num_layers=1, cross_attn_norm=False, rope_max_seq_len=8, eps=1e-5),
          1, (1, 3, 5), 5, (0.5,)),
    "c": (dict(patch_size=(1, 2, 2), num_attention_heads=1, attention_head_dim=40, in_channels=16, out_channels=16,
               text_dim=12, freq_dim=8, ffn_dim=33, num_layers=1, cross_attn_norm=True, rope_max_seq_len=1024),
          1, (5, 6, 2), 24, (912.6875,)),
    "d": (dict(patch_size=(2, 1, 3), num_attention_heads=1, attention_head_dim=20, in_channels=3, out_channels=3,
               text_dim=8, freq_dim=12, ffn_dim=24, num_layers=3, cross_attn_norm=False, rope_max_seq_len=32),
          2, (2, 2, 9), 5, (3.0, 777.125)),
}


def draw(*shape):
    return torch.randn(shape, dtype=torch.float32)


def build(config):
    """A model whose tables have the precision of the surroundings (see lift.py), with weights that matter."""
    torch.manual_seed(5)
    model = WanTransformer3DModel(**config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter + 0.2 * torch.randn(parameter.shape)).bfloat16())
    return model


def answer(config, x, timestep, text, dtype):
    """In the dtypes of from_pretrained(torch_dtype=dtype), which keeps some modules in float32."""
    model = build(config)
    for name, parameter in model.named_parameters():
        if not set(name.split(".")) & set(WanTransformer3DModel._keep_in_fp32_modules):
            parameter.data = parameter.data.to(dtype)
    with torch.no_grad():
        return model(x.to(dtype), timestep, text.to(dtype)).sample


def make(name):
    config, batch, extent, text_length, timesteps = CASES[name]
    torch.manual_seed(17)
    x, text = draw(batch, config["in_channels"], *extent), draw(batch, text_length, config["text_dim"])
    timestep, probe = torch.tensor(timesteps), draw(*x.shape)
    out_float32 = answer(config, x, timestep, text, torch.float32)
    out_bfloat16 = answer(config, x, timestep, text, torch.bfloat16)
    weights = {f"param.{k}": v for k, v in build(config).named_parameters()}

    tensors = dict(weights) | {"in.x": x, "in.text": text, "in.timestep": timestep, "probe": probe}
    with lifted():
        model = build(config).double()
        x, text = x.double().requires_grad_(), text.double().requires_grad_()
        with NoFloat32():
            v = model(x, timestep.double(), text).sample
            (v * probe.double()).sum().backward()
    error = (out_float32 - v).norm() / v.norm()
    print(f"float32 differs by {error:.1e}, bfloat16 by {(out_bfloat16 - v).norm() / v.norm():.1e}")
    assert error < 1e-5
    tensors |= {"out.v": v, "grad.in.x": x.grad, "grad.in.text": text.grad}
    tensors |= {"out.v_float32": out_float32, "out.v_bfloat16": out_bfloat16}
    tensors |= {f"grad.param.{k}": p.grad for k, p in model.named_parameters()}
    known = {k: v for k, v in model.config.items() if k != "_use_default_values"}
    save_golden(f"tests/goldens/wan_transformer_{name}.safetensors", tensors, {"config": known})


if __name__ == "__main__":
    for name in CASES:
        make(name)
