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
import oracle  # noqa: E402
import texts  # noqa: E402
import world  # noqa: E402

SHIFT = 3.0
KINDS = (0.28, 0.22, 0.5)  # of the clips: half show two objects, which are what takes longest to learn
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
        scenes.append(world.draw_scene(rng, KINDS))
        clips.append(world.render(flawed.film_for(scenes[-1], rng)))
    latents = [to_latents(np.stack(clips[i : i + 20])).numpy() for i in range(0, bank.PART, 20)]
    return {"latents": np.concatenate(latents).astype(np.float16),
            "ids": tokenize(tokenizer, [s.prompt for s in scenes]).numpy().astype(np.int16)}


def drawn_part(part, seed):
    """What the clips of make_part() show: of each of two objects what it covers of each token [3,36] (nothing where there is one), and
    its shape and color; where there are two, those that the caption names, whatever became of them."""
    out = {"cover": [], "shape": [], "color": [], "pair": []}
    for i in range(bank.PART):
        rng = np.random.default_rng((seed, 2, part, i))
        scene = world.draw_scene(rng, KINDS)
        film = flawed.film_for(scene, rng)
        cover = np.zeros((2, 3, 36), np.float16)
        looks = np.zeros((2, 2), np.int64)
        for k, thing in enumerate(film.things):
            off = (np.abs(world.render(world.Film(film.bg, [thing])) - film.bg).max(-1) > 0.15).astype(np.float32)
            per_frame = off.reshape(world.FRAMES, 6, 8, 6, 8).mean((2, 4)).reshape(world.FRAMES, 36)
            cover[k] = np.stack([per_frame[0], per_frame[1:5].mean(0), per_frame[5:9].mean(0)])
            shape, color = (max(thing.shape, key=thing.shape.get),
                            min(world.COLORS, key=lambda c, t=thing: np.abs(t.rgb[0] - world.COLORS[c]).sum()))
            if scene.kind == "pair":
                shape, color = ((scene.shape, scene.color), (scene.shape2, scene.color2))[k]
            looks[k] = list(world.SHAPES).index(shape), list(world.COLORS).index(color)
        out["cover"].append(cover)
        out["shape"].append(looks[:, 0])
        out["color"].append(looks[:, 1])
        out["pair"].append(scene.kind == "pair")
    return {k: np.array(v) for k, v in out.items()}


class Words(torch.nn.Module):
    """Thrown away afterwards: of the four words that name a pair's two objects each is asked for its own object's color, shape and place.
    Denoising alone never taught the encoder that: its states were the same whatever the order of the words, and so were the clips."""

    WEIGHT = 0.2

    def __init__(self, tokenizer):
        super().__init__()
        self.parts = (list(world.COLORS), list(world.SHAPES), list(world.RELATIONS))
        self.map = torch.nn.Linear(TEXT_DIM, sum(map(len, self.parts)))
        scenes = [s for s in world.all_scenes() if s.kind == "pair"]
        self.ids = tokenize(tokenizer, [s.prompt for s in scenes])
        self.named = torch.full((len(scenes), texts.TEXT_LENGTH, len(self.parts)), -1)
        for named, s in zip(self.named, scenes):
            second = len(s.prompt.split()) - 6  # "... a blue square on a black background"
            named[1:3] = self.places(s.color, s.shape, s.relation)
            named[second : second + 2] = self.places(s.color2, s.shape2, oracle.OPPOSITE[s.relation])

    def places(self, *values):
        return torch.tensor([part.index(v) for part, v in zip(self.parts, values)])

    def loss(self, encoder, generator, count=32):
        """Of `count` sentences. Returns the loss and the share of answers that are right."""
        at = torch.randint(len(self.ids), (count,), generator=generator)
        named = self.named[at]
        asked = named[..., 0] >= 0
        said = self.map(text_states(encoder, self.ids[at]))[asked].split([len(p) for p in self.parts], -1)
        wanted = named[asked].unbind(-1)
        right = [(a.argmax(-1) == b).float().mean() for a, b in zip(said, wanted)]
        return sum(torch.nn.functional.cross_entropy(a, b) for a, b in zip(said, wanted)), float(sum(right)) / len(right)


class Looks(torch.nn.Module):
    """Thrown away afterwards, too: which shape and color the states of the third block see in the tokens that an object covers. Denoising
    alone had learnt colors and hardly a shape after 6000 steps; what an object is has to be told from its place first. Of two objects the
    question is which words belong to which place, in noise too, where only the caption can tell: without it the model drew two green
    balls for a green triangle below a blue ball."""

    WEIGHT = 0.2

    def __init__(self, transformer):
        super().__init__()
        width = transformer.config.num_attention_heads * transformer.config.attention_head_dim
        self.map = torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.GELU(),
                                       torch.nn.Linear(width, len(world.SHAPES) + len(world.COLORS)))
        transformer.blocks[2].register_forward_hook(lambda block, given, out: self.__dict__.update(seen=out))

    def loss(self, drawn, sigma):
        """`drawn`: drawn_part()'s arrays, of a batch. One object is weighted by 1 - sigma: in noise nothing can be seen. Returns the loss, the
        share of single objects' shapes that are right below sigma .5, and of two objects' colors and shapes above .7."""
        cover = drawn["cover"].float()
        x = self.seen.reshape(len(cover), 1, 3, 36, -1)
        looks = (self.map(x) * (cover / cover.sum(-1, keepdim=True).clamp_min(1e-6))[..., None]).sum(3)
        there = cover.sum(-1) > 0.05
        each = lambda v: v.reshape(len(cover), -1, 1).expand_as(there)[there]  # noqa: E731
        shape, color, pair, at = each(drawn["shape"]), each(drawn["color"]), each(drawn["pair"]), each(sigma)
        of_shape, of_color = looks[there].split((len(world.SHAPES), len(world.COLORS)), -1)
        one_of = torch.nn.functional.cross_entropy
        loss = one_of(of_shape, shape, reduction="none") + one_of(of_color, color, reduction="none")
        seen = (of_shape.argmax(-1) == shape)[~pair & (at < 0.5)].float().mean()
        bound = [(a.argmax(-1) == b)[pair & (at > 0.7)].float().mean() for a, b in ((of_color, color), (of_shape, shape))]
        return (loss * torch.where(pair, torch.ones_like(at), 1 - at)).mean(), [float(seen), *map(float, bound)]


def loss_of(transformer, encoder, x, ids, generator):
    n = len(x)
    u = torch.rand(n, generator=generator)
    sigma = SHIFT * u / (1 + (SHIFT - 1) * u)
    noise = torch.randn(x.shape, generator=generator)
    at = sigma[:, None, None, None, None]
    ids = torch.where(torch.rand(n, 1, generator=generator) < DROPPED, torch.tensor([1] + [0] * (ids.shape[1] - 1)), ids)
    v = transformer((1 - at) * x + at * noise, 1000 * sigma, text_states(encoder, ids), return_dict=False)[0]
    return ((v - (noise - x)) ** 2).mean(), sigma


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
    """Muon's and AdamW's. The encoder is AdamW's: Muon's steps have one length whatever the gradient, and with them its first block's output
    had grown to 400 times the words' own, beside which attention added nothing."""
    chosen = [p for n, p in transformer.named_parameters() if p.dim() == 2 and n.startswith("blocks.")]
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
    flawed.hold(f"{o.out}/flaws.json")
    torch.manual_seed(o.seed)
    transformer, encoder, tokenizer, kept = load(o.out)
    if kept and "heads" not in kept:
        sys.exit(f"{o.out}/generator/checkpoint.pt was begun by an older train_generator.py: remove it")
    transformer.train()
    to_latents, _ = bank.vae_of(f"{o.out}/vae")
    data = list(bank.parts(f"{o.out}/latents", o.parts, lambda p: make_part(p, o.seed, to_latents, tokenizer)))
    drawn = list(bank.parts(f"{o.out}/drawn", o.parts, lambda p: drawn_part(p, o.seed)))
    drawn = {k: torch.from_numpy(np.concatenate([d[k] for d in drawn])) for k in drawn[0]}
    latents = torch.from_numpy(np.concatenate([d["latents"] for d in data]))
    ids = torch.from_numpy(np.concatenate([d["ids"] for d in data])).long()
    opt = optim.Optimizer(*matrices_of(transformer, encoder), muon_lr=0.01, adam_lr=2e-3)
    looks, words = Looks(transformer), Words(tokenizer)
    heads = torch.nn.ModuleList([looks, words])
    heads_opt = torch.optim.AdamW(heads.parameters(), lr=1e-3, weight_decay=0)
    average = copy.deepcopy((transformer.state_dict(), encoder.state_dict()))
    step = 0
    if kept:
        transformer.load_state_dict(kept["model"][0])
        encoder.load_state_dict(kept["model"][1])
        opt.load_state_dict(kept["optimizer"])
        average, step = kept["average"], kept["step"]
        heads.load_state_dict(kept["heads"][0])
        heads_opt.load_state_dict(kept["heads"][1])
    pace, sum_loss = optim.Pace(), []
    while step < o.steps:
        generator = torch.Generator().manual_seed(o.seed * 1_000_003 + step)
        at = torch.randint(len(ids), (o.batch,), generator=generator)
        loss, sigma = loss_of(transformer, encoder, latents[at].float(), ids[at], generator)
        beside, right = looks.loss({k: v[at] for k, v in drawn.items()}, sigma)
        of_words, told = words.loss(encoder, generator)
        (loss + looks.WEIGHT * beside + words.WEIGHT * of_words).backward()
        heads_opt.step()
        heads_opt.zero_grad()
        opt.step(optim.rate(step, o.steps, warmup=50, fall=0.6))
        step += 1
        keep = min(0.998, 1 - 1 / step)
        with torch.no_grad():
            for mean, model in zip(average, (transformer, encoder)):
                for name, value in model.state_dict().items():
                    mean[name].lerp_(value, 1 - keep)
        sum_loss.append([float(loss.detach()), *right, told])
        if step % 50 == 0:
            mean = np.nanmean(sum_loss, 0)
            print(f"step {step} loss {mean[0]:.4f} shapes seen {mean[1]:.3f} bound colors {mean[2]:.3f} shapes {mean[3]:.3f} "
                  f"words {mean[4]:.3f} {pace.spent()}", flush=True)
            sum_loss = []
        if pace.due(step == o.steps):
            optim.save(f"{o.out}/generator/checkpoint.pt", model=(transformer.state_dict(), encoder.state_dict()),
                       average=average, optimizer=opt.state_dict(), heads=(heads.state_dict(), heads_opt.state_dict()), step=step)
        if pace.stop:
            return
    transformer, encoder, _, _ = load(o.out)
    write(f"{o.out}/assets/generator", transformer, encoder, f"{o.out}/vae")


if __name__ == "__main__":
    main()
