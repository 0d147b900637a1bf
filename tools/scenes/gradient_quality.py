"""Where the gradient of a critic's answer points: of clips of the bundled base model that show another color, shape or background than their
sentence asks for, the cosine between the gradient of log p(yes) at the latents and the way to the latents of the clip with that one thing
set right; and how the log odds change along that way. Of random directions the cosine has a deviation of .017.

    python tools/scenes/gradient_quality.py [--critic assets/scenes/critic] [--clips 60] [--threads 1]      # 3 s of one core a clip
"""

import argparse
import os
import sys
from collections import defaultdict

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: E402, F401
import torch  # noqa: E402
from diffusers import AutoencoderKLWan, WanTransformer3DModel  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import Qwen2_5_VLForConditionalGeneration, UMT5EncoderModel  # noqa: E402

import critic_model as critic  # noqa: E402
import oracle  # noqa: E402
import questions  # noqa: E402
import train_generator as generator  # noqa: E402
import train_vae  # noqa: E402
import world  # noqa: E402

GENERATOR = "assets/scenes/generator"
ALONG = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
PROPERTIES = ("color", "shape", "bg")


def one_object(clip):
    """(what the oracle sees, its radius, its centre in each frame [F,2]) of a clip that shows one object throughout, else None."""
    answer = oracle.judge(clip)
    if answer["count"] != 1 or len(answer["objects"]) != 1:
        return None
    seen = {"color": answer["objects"][0]["color"], "shape": answer["objects"][0]["shape"], "bg": answer["bg"]}
    if "none" in seen.values():
        return None
    border = np.concatenate([clip[:, :2].reshape(-1, 3), clip[:, -2:].reshape(-1, 3)])
    far = np.abs(clip - np.median(border, axis=0)).max(-1)
    for rows, columns in oracle.corners(oracle.MARGIN):
        far[:, rows, columns] = 0
    path, radii = [], []
    for frame in far:
        parts = oracle.components(frame > np.sort(frame, axis=None)[-oracle.CORE] / 2)
        if not parts:
            return None
        ys, xs = np.nonzero(parts[0])
        path.append((xs.mean() + 0.5, ys.mean() + 0.5))
        radii.append(np.sqrt(parts[0].sum() / oracle.AREA[seen["shape"]]))
    return seen, float(np.mean(radii)), np.array(path)


def rendered(seen, radius, path):
    path = path.copy()
    path[:, 1] -= oracle.CENTRE[seen["shape"]] * radius
    rgb = np.tile(world.COLORS[seen["color"]], (world.FRAMES, 1))
    return world.render(world.Film(np.array(world.BACKGROUNDS[seen["bg"]]), [world.Thing({seen["shape"]: 1.0}, radius, rgb, path)]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--critic", default="assets/scenes/critic")
    parser.add_argument("--clips", type=int, default=60)
    parser.add_argument("--guidance", type=float, default=4.5)
    parser.add_argument("--threads", type=int, default=1)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    models = (WanTransformer3DModel.from_pretrained(f"{GENERATOR}/transformer").eval(), UMT5EncoderModel.from_pretrained(f"{GENERATOR}/text_encoder").eval(),
              Tokenizer.from_file(f"{GENERATOR}/tokenizer/tokenizer.json"))
    vae = AutoencoderKLWan.from_pretrained(f"{GENERATOR}/vae").eval()
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(o.critic, dtype=torch.float32).eval()
    for p in (*vae.parameters(), *model.parameters()):
        p.requires_grad_(False)
    text = critic.Texts(Tokenizer.from_file("assets/scenes/critic/tokenizer.json"))
    mean, std = (torch.tensor(x)[None, :, None, None, None] for x in (vae.config.latents_mean, vae.config.latents_std))

    def to_latents(clip):
        x = torch.as_tensor(clip, dtype=torch.float32)[None].permute(0, 4, 1, 2, 3) * 2 - 1
        return (train_vae.encode(vae, x)[0] - mean) / std

    def log_odds(z, question):
        clip = train_vae.decode(vae, z * std + mean).permute(0, 2, 3, 4, 1) / 2 + 0.5
        return critic.log_odds(text, critic.answer_logits(model, text, clip, [[text.question(questions.text(question))]]))[0]

    rng, rows, along = np.random.default_rng(99), defaultdict(list), defaultdict(list)
    used = 0
    while used < o.clips:
        scene = world.draw_scene(rng, kinds=(0.6, 0.4, 0))
        noise = torch.randn(1, 8, 3, 12, 12, generator=torch.Generator().manual_seed(int(rng.integers(1 << 30))))
        with torch.no_grad():
            z = generator.sample(*models, [scene.prompt], noise, 8, o.guidance)
            found = one_object((train_vae.decode(vae, z * std + mean)[0].permute(1, 2, 3, 0) / 2 + 0.5).clamp(0, 1).numpy())
        if not found:
            continue
        used += 1
        seen, radius, path = found
        for name in PROPERTIES:
            wanted = getattr(scene, name)
            if wanted == seen[name]:
                continue
            with torch.no_grad():
                begin = to_latents(rendered(seen, radius, path))
                way = to_latents(rendered({**seen, name: wanted}, radius, path)) - begin
                along[name].append([float(log_odds(begin + t * way, (name, wanted))) for t in ALONG])
            at = z.clone().requires_grad_()
            odds = log_odds(at, (name, wanted))
            (g,) = torch.autograd.grad(torch.nn.functional.logsigmoid(odds), at)
            rows[name].append([float(torch.cosine_similarity(g.flatten(), way.flatten(), 0)), float(g.norm()), float(odds.detach().sigmoid())])
    for name in PROPERTIES:
        cosine, norm, p = np.array(rows[name]).T
        print(f"{name:5} clips {len(p):3} cosine {cosine.mean():.3f} +- {1.96 * cosine.std() / len(p) ** 0.5:.3f} norm (median) {np.median(norm):.3f} "
              f"p(yes) {p.mean():.3f} log odds on the way " + " ".join(f"{t:g}: {v:.2f}" for t, v in zip(ALONG, np.mean(along[name], 0))), flush=True)


if __name__ == "__main__":
    main()
