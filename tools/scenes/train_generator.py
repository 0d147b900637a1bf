"""Trains the generator of the world `scenes`: WanTransformer3DModel (2.4 M) and its UMT5 encoder (0.1 M), together, on
flawed clips (flawed.py). About 8 minutes of one core for the latents and 65 for 5000 steps.

    python tools/scenes/train_generator.py [--out /tmp/scenes-train] [--steps 5000]

Reads OUT/vae/model, keeps OUT/latents and OUT/generator/checkpoint.pt, goes on where it stopped, and writes the pipeline
folder OUT/assets/generator.
"""

import argparse
import copy
import json
import os
import shutil
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: E402, F401
import torch  # noqa: E402
from diffusers import FlowMatchEulerDiscreteScheduler, WanTransformer3DModel  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import UMT5Config, UMT5EncoderModel  # noqa: E402

import bank  # noqa: E402
import flawed  # noqa: E402
import optim  # noqa: E402
import texts  # noqa: E402
import world  # noqa: E402

SHIFT = 3.0
DROPPED = 0.1  # of the captions, for guidance
TEXT_DIM = 64


def build(vocabulary):
    transformer = WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=4, attention_head_dim=40, in_channels=8, out_channels=8,
        text_dim=TEXT_DIM, freq_dim=64, ffn_dim=448, num_layers=6, cross_attn_norm=True, rope_max_seq_len=64)
    encoder = UMT5EncoderModel(UMT5Config(
        vocab_size=vocabulary, d_model=TEXT_DIM, d_kv=16, d_ff=128, num_layers=2, num_decoder_layers=2, num_heads=4,
        dropout_rate=0.0, feed_forward_proj="gated-gelu", pad_token_id=0, eos_token_id=1, decoder_start_token_id=0))
    return transformer, encoder


def text_states(encoder, ids):
    """[B, TEXT_LENGTH, TEXT_DIM] of the padded ids [B, TEXT_LENGTH]; zero after a sentence's end, as the pipeline has it."""
    mask = (ids != 0).long()
    return encoder(input_ids=ids, attention_mask=mask).last_hidden_state * mask[..., None]


def tokenize(tokenizer, prompts):
    ids = [tokenizer.encode(p).ids for p in prompts]
    return torch.tensor([i + [0] * (texts.TEXT_LENGTH - len(i)) for i in ids])


def make_part(part, seed, to_latents, tokenizer):
    scenes, clips = [], []
    for i in range(bank.PART):
        rng = np.random.default_rng((seed, 2, part, i))
        scenes.append(world.draw_scene(rng))
        clips.append(world.render(flawed.film_for(scenes[-1], rng)))
    latents = [to_latents(np.stack(clips[i : i + 20])).numpy() for i in range(0, bank.PART, 20)]
    return {"latents": np.concatenate(latents).astype(np.float16),
            "ids": tokenize(tokenizer, [s.prompt for s in scenes]).numpy().astype(np.int16)}


def loss_of(transformer, encoder, x, ids, generator):
    n = len(x)
    u = torch.rand(n, generator=generator)
    sigma = SHIFT * u / (1 + (SHIFT - 1) * u)
    noise = torch.randn(x.shape, generator=generator)
    at = sigma[:, None, None, None, None]
    ids = torch.where(torch.rand(n, 1, generator=generator) < DROPPED, torch.tensor([1] + [0] * (ids.shape[1] - 1)), ids)
    v = transformer((1 - at) * x + at * noise, 1000 * sigma, text_states(encoder, ids), return_dict=False)[0]
    return ((v - (noise - x)) ** 2).mean()


@torch.no_grad()
def sample(transformer, encoder, tokenizer, prompts, noise, steps=8, guidance=1.0):
    """Normalised latents from noise [B,8,T,h,w] by Euler steps over drf's levels (`flow`)."""
    x = noise
    asked = text_states(encoder, tokenize(tokenizer, prompts))
    nothing = text_states(encoder, tokenize(tokenizer, [""] * len(prompts)))
    u = (1 - 1 / 1000) * (1 - np.arange(steps) / steps)
    levels = np.append(SHIFT * u / (1 + (SHIFT - 1) * u), 0.0)
    for now, then in zip(levels[:-1], levels[1:]):
        t = torch.full((len(prompts),), 1000 * now, dtype=torch.float32)
        v = transformer(x, t, asked, return_dict=False)[0]
        if guidance != 1:
            v_nothing = transformer(x, t, nothing, return_dict=False)[0]
            v = v_nothing + guidance * (v - v_nothing)
        x = x + float(then - now) * v
    return x


def matrices_of(transformer, encoder):
    chosen = [p for n, p in transformer.named_parameters() if p.dim() == 2 and n.startswith("blocks.")]
    chosen += [p for n, p in encoder.named_parameters() if p.dim() == 2 and "block" in n and "relative" not in n]
    rest = [p for m in (transformer, encoder) for p in m.parameters() if not any(p is q for q in chosen)]
    return chosen, rest


def write(folder, transformer, encoder, vae_folder):
    transformer.save_pretrained(f"{folder}/transformer")
    encoder.save_pretrained(f"{folder}/text_encoder")
    FlowMatchEulerDiscreteScheduler(shift=SHIFT).save_pretrained(f"{folder}/scheduler")
    shutil.copytree(f"{vae_folder}/model", f"{folder}/vae", dirs_exist_ok=True)
    kinds = {"scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
             "text_encoder": ["transformers", "UMT5EncoderModel"], "tokenizer": ["transformers", "T5Tokenizer"], "transformer": ["diffusers", "WanTransformer3DModel"],
             "transformer_2": [None, None], "vae": ["diffusers", "AutoencoderKLWan"]}
    with open(f"{folder}/model_index.json", "w", encoding="utf-8") as file:
        json.dump({"_class_name": "WanPipeline", "_diffusers_version": "0.42.1", "boundary_ratio": None,
                   "expand_timesteps": False, **kinds}, file, indent=2)


def load(out):
    """(transformer, encoder, tokenizer, checkpoint or None) with the averaged weights where there are any."""
    tokenizer = Tokenizer.from_file(f"{out}/assets/generator/tokenizer/tokenizer.json")
    transformer, encoder = build(tokenizer.get_vocab_size())
    path = f"{out}/generator/checkpoint.pt"
    kept = torch.load(path) if os.path.exists(path) else None
    if kept:
        transformer.load_state_dict(kept["average"][0])
        encoder.load_state_dict(kept["average"][1])
    return transformer.eval(), encoder.eval(), tokenizer, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="/tmp/scenes-train")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--parts", type=int, default=14, help="thousands of clips")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    if not os.path.exists(f"{o.out}/assets/generator/tokenizer/tokenizer.json"):
        texts.generator_tokenizer(f"{o.out}/assets/generator/tokenizer")
    os.makedirs(f"{o.out}/generator", exist_ok=True)
    torch.manual_seed(o.seed)
    transformer, encoder, tokenizer, kept = load(o.out)
    transformer.train()
    to_latents, _ = bank.vae_of(f"{o.out}/vae")
    data = list(bank.parts(f"{o.out}/latents", o.parts, lambda p: make_part(p, o.seed, to_latents, tokenizer)))
    latents = torch.from_numpy(np.concatenate([d["latents"] for d in data]))
    ids = torch.from_numpy(np.concatenate([d["ids"] for d in data])).long()
    opt = optim.Optimizer(*matrices_of(transformer, encoder), muon_lr=0.01, adam_lr=2e-3)
    average = copy.deepcopy((transformer.state_dict(), encoder.state_dict()))
    step = 0
    if kept:
        transformer.load_state_dict(kept["model"][0])
        encoder.load_state_dict(kept["model"][1])
        opt.load_state_dict(kept["optimizer"])
        average, step = kept["average"], kept["step"]
    pace, sum_loss = optim.Pace(), []
    while step < o.steps:
        generator = torch.Generator().manual_seed(o.seed * 1_000_003 + step)
        at = torch.randint(len(ids), (o.batch,), generator=generator)
        loss = loss_of(transformer, encoder, latents[at].float(), ids[at], generator)
        loss.backward()
        opt.step(optim.rate(step, o.steps, warmup=50, fall=0.6))
        step += 1
        keep = min(0.998, 1 - 1 / step)
        with torch.no_grad():
            for mean, model in zip(average, (transformer, encoder)):
                for name, value in model.state_dict().items():
                    mean[name].lerp_(value, 1 - keep)
        sum_loss.append(float(loss.detach()))
        if step % 50 == 0:
            print(f"step {step} loss {np.mean(sum_loss):.4f} {pace.spent()}", flush=True)
            sum_loss = []
        if pace.due(step == o.steps):
            optim.save(f"{o.out}/generator/checkpoint.pt", model=(transformer.state_dict(), encoder.state_dict()),
                       average=average, optimizer=opt.state_dict(), step=step)
        if pace.stop:
            return
    transformer, encoder, _, _ = load(o.out)
    write(f"{o.out}/assets/generator", transformer, encoder, f"{o.out}/vae")


if __name__ == "__main__":
    main()
