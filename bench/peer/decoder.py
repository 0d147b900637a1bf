"""Wan's decoder with gradient checkpointing, one latent frame a segment.

diffusers offers none for this decoder, and wrapping its blocks in torch.utils.checkpoint gives wrong gradients: they write
into a list of caches and count an index while they run, so a second run starts from what the first one left. Here
a segment takes the caches as inputs and returns new ones, which makes it a function, and a function can be run again.
"""

import torch
from torch.utils.checkpoint import checkpoint


def decode_in_segments(vae, latents):
    """latents [1, C, T, H, W], un-normalised, to frames [1, 3, F, H, W], -1 to 1 and not clamped."""

    def segment(first, latent, *caches):
        caches = list(caches)
        frames = vae.decoder(latent, feat_cache=caches, feat_idx=[0], first_chunk=first)
        return frames, *caches

    vae.clear_cache()
    caches, parts = list(vae._feat_map), []
    for i, latent in enumerate(vae.post_quant_conv(latents).split(1, dim=2)):
        frames, *caches = checkpoint(segment, i == 0, latent, *caches, use_reentrant=False)
        parts.append(frames)
    return torch.cat(parts, dim=2)
