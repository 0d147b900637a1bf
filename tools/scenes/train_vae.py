"""Trains the VAE of the world `scenes`: AutoencoderKLWan, 1.8 M parameters, about 40 minutes of one core.

    python tools/scenes/train_vae.py [--out /tmp/scenes-train/vae] [--steps 1800] [--judge]

Stops and goes on: the same command takes up the last checkpoint; the clips of a step depend on the step alone. Ends by
measuring the latents' mean and spread and writing OUT/model in the hub's layout. `--judge` only measures: how often the
oracle reads the reconstruction of a true clip as it reads the clip.
"""

import argparse
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: E402, F401
import torch  # noqa: E402
from diffusers import AutoencoderKLWan  # noqa: E402

import optim  # noqa: E402
import world  # noqa: E402
from clips import any_film  # noqa: E402

# One frame, then five, then all nine: (share of the steps, frames, batch).
STAGES = ((0.14, 1, 32), (0.14, 5, 12), (0.72, 9, 8))
KL = 2e-4


def build():
    return AutoencoderKLWan(base_dim=16, z_dim=8, dim_mult=[1, 2, 4], num_res_blocks=1, attn_scales=[],
                            temperal_downsample=[True, True], scale_factor_temporal=4, scale_factor_spatial=4,
                            latents_mean=[0.0] * 8, latents_std=[1.0] * 8)


def encode(vae, x):
    """Mean and log variance [B,8,T,h,w] of clips x [B,3,F,H,W] in [-1, 1]."""
    return vae._encode(x).chunk(2, 1)


def decode(vae, z):
    """The decoder without its final clamp: what is cut off gets no gradient, and black and white lie at the ends."""
    vae.clear_cache()
    x = vae.post_quant_conv(z)
    parts = []
    for i in range(z.shape[2]):
        vae._conv_idx = [0]
        parts.append(vae.decoder(x[:, :, i : i + 1], feat_cache=vae._feat_map, feat_idx=vae._conv_idx, first_chunk=i == 0))
    vae.clear_cache()
    return torch.cat(parts, 2)


def batch(seed, step, size, frames):
    """Clips [size,3,frames,H,W] in [-1, 1]; shorter ones begin anywhere."""
    clips = []
    for i in range(size):
        rng = np.random.default_rng((seed, 1, step, i))
        begin = int(rng.integers(0, world.FRAMES - frames + 1))
        clips.append(world.render(any_film(rng))[begin : begin + frames])
    return torch.from_numpy(np.stack(clips)).permute(0, 4, 1, 2, 3) * 2 - 1


def stage(step, steps):
    done = 0.0
    for share, frames, size in STAGES:
        done += share
        if step < done * steps:
            return frames, size
    return STAGES[-1][1:]


def loss_of(vae, x, generator):
    mean, logvar = encode(vae, x)
    logvar = logvar.clamp(-20, 10)
    z = mean + torch.exp(0.5 * logvar) * torch.randn(mean.shape, generator=generator)
    off = decode(vae, z) - x
    # The object counts more than the ground, which fills most of the frame.
    ground = x.flatten(2).median(-1).values[:, :, None, None, None]
    weight = 1 + 2 * ((x - ground).abs().amax(1, keepdim=True) > 0.15)
    kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
    return (weight * (off.abs() + off**2)).mean() + KL * kl, off.detach().abs().mean()


def finish(vae, out, seed):
    vae.eval()
    with torch.no_grad():
        z = torch.cat([encode(vae, batch(seed + 1, i, 16, world.FRAMES))[0] for i in range(16)])
    vae.register_to_config(latents_mean=z.mean((0, 2, 3, 4)).tolist(), latents_std=z.std((0, 2, 3, 4)).tolist())
    vae.save_pretrained(f"{out}/model")
    print("latents: mean", vae.config.latents_mean, "std", vae.config.latents_std)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="/tmp/scenes-train/vae")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--judge", action="store_true")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    os.makedirs(o.out, exist_ok=True)
    torch.manual_seed(o.seed)
    vae = build()
    matrices = [p for n, p in vae.named_parameters()
                if p.dim() >= 4 and p.shape[0] >= 8 and "conv_in" not in n and "gamma" not in n]
    rest = [p for p in vae.parameters() if not any(p is q for q in matrices)]
    opt = optim.Optimizer(matrices, rest, muon_lr=0.02, adam_lr=2e-3)
    step, path = 0, f"{o.out}/checkpoint.pt"
    if os.path.exists(path):
        kept = torch.load(path)
        vae.load_state_dict(kept["model"])
        opt.load_state_dict(kept["optimizer"])
        step = kept["step"]
    if o.judge:
        from judge_vae import judge_reconstructions

        return judge_reconstructions(AutoencoderKLWan.from_pretrained(f"{o.out}/model"), o.seed)
    pace = optim.Pace()
    while step < o.steps:
        frames, size = stage(step, o.steps)
        generator = torch.Generator().manual_seed(o.seed * 1_000_003 + step)
        loss, off = loss_of(vae, batch(o.seed, step, size, frames), generator)
        loss.backward()
        norm = opt.step(optim.rate(step, o.steps))
        step += 1
        if step % 20 == 0:
            print(f"step {step} frames {frames} loss {float(loss.detach()):.4f} off {float(off) / 2:.4f} norm {norm:.3f} "
                  f"{pace.spent()}", flush=True)
        if pace.due(step == o.steps):
            optim.save(path, model=vae.state_dict(), optimizer=opt.state_dict(), step=step)
        if pace.stop:
            return
    finish(vae, o.out, o.seed)


if __name__ == "__main__":
    main()
