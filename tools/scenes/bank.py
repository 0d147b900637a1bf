"""Banks: what is made once and read many times while training, in parts of a thousand that a stop leaves whole."""

import os

import numpy as np
import torch

PART = 1000


def vae_of(folder):
    """The trained VAE, and functions between clips [B,F,H,W,3] in [0,1] and normalised latents [B,8,T,h,w]."""
    from diffusers import AutoencoderKLWan

    import train_vae

    vae = AutoencoderKLWan.from_pretrained(f"{folder}/model").eval()
    for p in vae.parameters():
        p.requires_grad_(False)
    mean = torch.tensor(vae.config.latents_mean)[None, :, None, None, None]
    std = torch.tensor(vae.config.latents_std)[None, :, None, None, None]

    @torch.no_grad()
    def to_latents(clips):
        x = torch.as_tensor(clips).permute(0, 4, 1, 2, 3) * 2 - 1
        return (train_vae.encode(vae, x)[0] - mean) / std

    @torch.no_grad()
    def to_clips(latents):
        x = train_vae.decode(vae, latents * std + mean)
        return (x.permute(0, 2, 3, 4, 1) / 2 + 0.5).clamp(0, 1).numpy()

    return to_latents, to_clips


def parts(folder, count, make, say=print):
    """`count` parts made by make(part) -> dict of arrays, each kept as folder/NNN.npz; yields those already there."""
    os.makedirs(folder, exist_ok=True)
    for part in range(count):
        path = f"{folder}/{part:03}.npz"
        if not os.path.exists(path):
            arrays = make(part)
            np.savez(f"{folder}/part.npz", **arrays)
            os.replace(f"{folder}/part.npz", path)
            say(f"{path} made", flush=True)
        yield dict(np.load(path, allow_pickle=False))
