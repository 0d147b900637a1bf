"""Memory and time of diffusers' decoder alone, forward and backward: what drf's growth with the frames is measured against.

    python bench/peer/decoder_peak.py CONFIG --frames 81 [--threads 2] [--checkpoint-decoder]

Prints one JSON object: {"frames", "seconds", "peak_above_weights"} (bytes).
"""

import argparse
import json
import time

from reference import ROOT  # noqa: F401  (before the modules of tools/reference)

import memory
import torch
import torchvision_ops  # noqa: F401  (before diffusers)
from decoder import decode_in_segments
from diffusers import AutoencoderKLWan
from flow import read_config
from wan_vae import unclamped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--frames", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--checkpoint-decoder", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    config = read_config(options.config)
    vae = AutoencoderKLWan.from_pretrained(config["generator"]["path"], subfolder="vae").eval().requires_grad_(False)
    memory.touch(vae)
    space, time_factor = vae.config.scale_factor_spatial, vae.config.scale_factor_temporal
    latents = torch.randn(1, vae.config.z_dim, (options.frames - 1) // time_factor + 1,
                          config["sampling"]["height"] // space, config["sampling"]["width"] // space,
                          generator=torch.Generator().manual_seed(0)).requires_grad_()
    memory.forget_peak()
    loaded, begin = memory.resident(), time.perf_counter()
    with unclamped():
        frames = decode_in_segments(vae, latents) if options.checkpoint_decoder else vae.decode(latents).sample
    frames.square().sum().backward()
    print(json.dumps({"frames": options.frames, "seconds": round(time.perf_counter() - begin, 3),
                      "peak_above_weights": memory.peak() - loaded}))


if __name__ == "__main__":
    main()
