"""Goldens of Wan's VAE from diffusers: tests/goldens/wan_vae_*.safetensors.

Each small golden holds random weights (numbers that float32 holds exactly), and in float64: two clips in, frames or
latents out, and the gradients of sum(out.frames * probe.frames) and sum(out.latents * probe.latents).
wan_vae_tiny holds latents and float32 frames of the tiny checkpoint in assets/tiny/generator/vae.

    python tools/reference/wan_vae.py        (from the repository's root)
"""

import json
from unittest import mock

import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from diffusers import AutoencoderKLWan
from lift import lifted
from safetensors.torch import save_file

# name: base_dim, z_dim, dim_mult, num_res_blocks, temperal_downsample, other keys; latent frames, height, width
CASES = {
    "wan_vae_odd": ((3, 4, [1, 2, 2], 1, [True, True], {}), 3, 2, 3),
    "wan_vae_four_levels": ((2, 5, [1, 2, 3, 3], 1, [False, True, True], {}), 2, 2, 1),
    "wan_vae_one_transition": ((5, 3, [1, 1], 2, [True], {"decoder_base_dim": 4}), 5, 3, 2),
    "wan_vae_no_time": ((6, 4, [1, 1], 1, [False], {}), 2, 2, 2),
    "wan_vae_one_latent": ((4, 2, [1, 2, 1], 1, [False, True], {}), 1, 3, 2),
}
BATCH = 2


def unclamped():
    """decode() without the clamp it ends with."""
    return mock.patch.object(torch, "clamp", lambda x, min=None, max=None: x)


def normaliser(vae):
    shape = (1, -1, 1, 1, 1)
    mean = torch.tensor(vae.config.latents_mean, dtype=torch.float64).view(shape)
    std = torch.tensor(vae.config.latents_std, dtype=torch.float64).view(shape)
    return mean, std


def draw(shape):
    return torch.randn(shape, dtype=torch.float32).double()


def encode_means(vae, frames):
    """encode() walks 4 frames at a time whatever the config; another temporal factor is walked the same way here."""
    factor = 2 ** sum(vae.config.temperal_downsample)
    vae.clear_cache()
    parts, begin = [], 0
    while begin < frames.shape[2]:
        count = 1 if begin == 0 else factor
        vae._enc_conv_idx = [0]
        chunk = frames[:, :, begin : begin + count]
        parts.append(vae.encoder(chunk, feat_cache=vae._enc_feat_map, feat_idx=vae._enc_conv_idx))
        begin += count
    moments = vae.quant_conv(torch.cat(parts, 2))
    vae.clear_cache()
    return moments[:, : vae.config.z_dim]


def make(name, config, num_latents, height, width):
    torch.manual_seed(7)
    names = ("base_dim", "z_dim", "dim_mult", "num_res_blocks", "temperal_downsample")
    config = dict(zip(names, config), **config[-1])
    z_dim = config["z_dim"]
    config["latents_mean"] = [0.3 * i - 0.5 for i in range(z_dim)]
    config["latents_std"] = [0.6 + 0.4 * i for i in range(z_dim)]
    vae = AutoencoderKLWan(**config)
    with torch.no_grad():
        for parameter in vae.parameters():
            parameter.copy_(parameter + 0.2 * torch.randn_like(parameter))
    weights = {f"param.{k}": v.detach().clone() for k, v in vae.named_parameters()}
    vae = vae.double()
    mean, std = normaliser(vae)

    scale, factor = 2 ** (len(config["dim_mult"]) - 1), 2 ** sum(config["temperal_downsample"])
    z = draw((BATCH, z_dim, num_latents, height, width)).requires_grad_()
    x = draw((BATCH, 3, 1 + (num_latents - 1) * factor, height * scale, width * scale)).requires_grad_()
    with lifted(), unclamped():
        frames = vae.decode(z * std + mean).sample
        if factor == 4:
            latents = (vae.encode(x).latent_dist.mode() - mean) / std
        else:
            latents = (encode_means(vae, x) - mean) / std
    probe_frames, probe_latents = draw(frames.shape), draw(latents.shape)
    ((frames * probe_frames).sum() + (latents * probe_latents).sum()).backward()

    tensors = dict(weights)
    tensors |= {"in.z": z, "in.frames": x, "out.frames": frames, "out.latents": latents}
    tensors |= {"probe.frames": probe_frames, "probe.latents": probe_latents}
    tensors |= {"grad.in.z": z.grad, "grad.in.frames": x.grad}
    tensors |= {f"grad.param.{k}": v.grad for k, v in vae.named_parameters() if v.grad is not None}
    save(name, tensors, vae.config)


def make_tiny():
    """Both the float32 frames and, as the yardstick of rounding, the same in float64."""
    torch.manual_seed(7)
    vae = AutoencoderKLWan.from_pretrained("assets/tiny/generator/vae")
    mean, std = normaliser(vae)
    z = 1.5 * torch.randn(1, vae.config.z_dim, 2, 8, 8)
    with torch.no_grad(), unclamped():
        frames = vae.decode(z * std.float() + mean.float()).sample
        latents = (vae.encode(frames.clamp(-1, 1)).latent_dist.mode() - mean.float()) / std.float()
    with torch.no_grad():
        clamped = vae.decode(z * std.float() + mean.float()).sample
    wide = vae.double()
    with torch.no_grad(), lifted(), unclamped():
        exact = wide.decode(z.double() * std + mean).sample
    save("wan_vae_tiny", {"in.z": z, "out.frames": frames, "out.clamped": clamped, "out.latents": latents,
                          "out.exact": exact}, vae.config)


def save(name, tensors, config):
    tensors = {k: v.detach().contiguous() for k, v in tensors.items()}
    config = json.dumps({k: v for k, v in config.items() if not k.startswith("_")})
    save_file(tensors, f"tests/goldens/{name}.safetensors", metadata={"config": config})
    print(name, sum(v.numel() * v.element_size() for v in tensors.values()) // 1000, "kB")


if __name__ == "__main__":
    for name, (config, num_latents, height, width) in CASES.items():
        make(name, config, num_latents, height, width)
    make_tiny()
