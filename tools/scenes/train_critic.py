"""Trains a critic of the world `scenes` in three stages: its vision tower with heads, then questions about films whose truth
is known, then the same and in every other step the base model's own clips, judged by the oracle.

    python tools/scenes/train_critic.py [--which first|second] [--out /tmp/scenes-train] [--measure]

Reads OUT/vae/model and for the last stage OUT/base (train_base.py --bank), before which it stops while there is none. Keeps
OUT/clips-WHICH and OUT/critic-WHICH/checkpoint.pt, goes on where it stopped, and writes OUT/assets/critic or OUT/assets/judge.
The second has another width, seed and clips. `--measure` only measures what is there: on clips that show what
their sentences say, on films, on the base model's clips.
"""

import argparse
import json
import os
import sys
from collections import defaultdict

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: E402, F401
import torch  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

import bank  # noqa: E402
import critic_model as critic  # noqa: E402
import optim  # noqa: E402
import questions  # noqa: E402
import sides  # noqa: E402
import texts  # noqa: E402
import world  # noqa: E402
from clips import any_film  # noqa: E402

ASKED = 10  # questions a clip
LIST = questions.ONE + questions.ALL + questions.GROUND + questions.TWO
INDEX = {q: i for i, q in enumerate(LIST)}
RECONSTRUCTED, NOISE = 0.65, 0.35  # share of the clips that pass through the VAE, and the largest noise on latents
SURE = 0.98  # the target of a plain yes
FOLDER = {"first": "critic", "second": "judge"}


def coverage(film, clip):
    """Of each token's 16 x 16 pixels of each temporal patch, the share that is not background [5,9]."""
    off = (np.abs(clip - film.bg).max(-1) > 0.15).astype(np.float32)
    off = np.concatenate([off, off[-1:]]).reshape(critic.TIMES, 2, 3, 16, 3, 16)
    return off.mean((1, 3, 5)).reshape(critic.TIMES, 9)


def covers(film):
    """Of each of two objects, nothing where there is one [2,5,9]."""
    alone = [world.Film(film.bg, [thing]) for thing in film.things]
    return np.array([coverage(f, world.render(f)) for f in alone] + [np.zeros((critic.TIMES, 9))] * (2 - len(alone)), np.float32)


def plain_batch(rng, number):
    """New clips that show what their sentences say, every third with spots, for the first stage: clips, and of each of two objects what
    it covers (nothing where there is one), its shape and color and where the other is; background and corners [4]."""
    out = defaultdict(list)
    for _ in range(number):
        scene = world.draw_scene(rng)
        film = world.film_of(scene, rng)
        if rng.random() < 0.33:
            world.add_spots(film, rng)
        out["clips"].append(world.render(film))
        out["cover"].append(covers(film))
        out["far"].append(sides.far_of(film))
        looks = [(scene.shape, scene.color), (scene.shape2, scene.color2)]
        out["shape"].append([list(world.SHAPES).index(s) if s else 0 for s, _ in looks])
        out["color"].append([list(world.COLORS).index(c) if c else 0 for _, c in looks])
        out["whole"].append([questions.background(film, b) for b in world.BACKGROUNDS] + [questions.clean(film)])
    tensors = {k: torch.from_numpy(np.array(v)) for k, v in out.items()}
    return {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}


def true_film(rng):
    return world.film_of(world.draw_scene(rng), rng)


def add_film(out, film, asked, rng, through=RECONSTRUCTED, noise=NOISE):
    """Appends a film with its questions and what is done to its clip to lists that as_part() takes."""
    out["clips"].append(world.render(film))
    out["asked"].append([INDEX[q] for q in asked])
    out["yes"].append([questions.yes(film, q) for q in asked])
    out["through"].append(rng.random() < through)
    out["noise"].append(rng.uniform(0, noise))


def as_part(out, seed, to_latents, to_clips, alike=1):
    """A bank's part. `alike` clips in a row have the same noise, and go through the VAE together or not at all."""
    arrays = {k: np.array(v) for k, v in out.items() if k != "clips"}
    clips = np.stack(out["clips"])
    through, generator = np.flatnonzero(arrays["through"]), torch.Generator().manual_seed(seed)
    for i in range(0, len(through), 20):
        at = through[i : i + 20]
        z = to_latents(clips[at])
        noise = torch.randn(len(at) // alike, *z.shape[1:], generator=generator).repeat_interleave(alike, 0)
        clips[at] = to_clips(z + torch.tensor(arrays["noise"][at]).float()[:, None, None, None, None] * noise)
    return {"clips": np.round(clips * 255).astype(np.uint8), **arrays}


def make_part(part, seed, to_latents, to_clips, film_of=any_film, number=bank.PART):
    out = defaultdict(list)
    for i in range(number):
        rng = np.random.default_rng((seed, 3, part, i))
        film = film_of(rng)
        add_film(out, film, questions.asked(film, rng, ASKED), rng)
    return as_part(out, seed * 1000 + part, to_latents, to_clips)


def cross_entropy(logits, yes):
    """Against soft targets."""
    return torch.nn.functional.binary_cross_entropy_with_logits(logits, yes)


class Heads(torch.nn.Module):
    """The first stage's, thrown away afterwards: what an object looks like, of the mean of the tokens that it covers, so that it is learnt
    at every place at once (linear maps of all tokens of a patch in their places had learnt colors and no shape by the 250th step), and where the other
    one is; background and corners of the mean of all; and what of a token is covered."""

    def __init__(self, width):
        super().__init__()
        self.look = torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.GELU(),
                                        torch.nn.Linear(width, len(world.SHAPES) + len(world.COLORS)))
        self.whole, self.cover = torch.nn.Linear(width, 4), torch.nn.Linear(width, 1)
        self.sides = sides.Sides(width)

    def loss(self, seen, plain):
        """seen: [B, TIMES*9, width]. Returns the loss and the share of shapes that are right."""
        x = seen.reshape(len(seen), 1, critic.TIMES, 9, -1)
        cover = plain["cover"]
        weight = cover / cover.sum(-1, keepdim=True).clamp_min(1e-6)
        looks = (self.look(x) * weight[..., None]).sum(3)
        there = cover.sum(-1) > 0.05  # [B, 2, TIMES]
        shape, color = looks[there].split((len(world.SHAPES), len(world.COLORS)), -1)
        named = {k: plain[k][:, :, None].expand_as(there)[there] for k in ("shape", "color")}
        one_of = torch.nn.functional.cross_entropy
        loss = (one_of(shape, named["shape"]) + one_of(color, named["color"]) + cross_entropy(self.whole(x.mean((1, 2, 3))), plain["whole"])
                + cross_entropy(self.cover(x)[:, 0, ..., 0], cover.sum(1).clamp_max(1)))
        two = cover[:, 1].sum((1, 2)) > 0
        if two.any():
            loss = loss + self.sides.loss(seen[two], cover[two], plain["far"][two])
        return loss, float((shape.argmax(-1) == named["shape"]).float().mean())


def read_clips(data, at):
    return torch.from_numpy(data["clips"][at]).float() / 255


def answers(model, text, data, at):
    """Log odds and how true a yes is, clip by clip and question by question, and what keeps the two words above all others."""
    suffixes = [[text.question(questions.text(LIST[q])) for q in row] for row in data["asked"][at]]
    logits = critic.answer_logits(model, text, read_clips(data, at), suffixes)
    # All of the vocabulary has to be told apart from the two words once; log odds are what counts.
    logp = logits.log_softmax(-1)
    words = -(logp[:, text.yes].logsumexp(-1).logaddexp(logp[:, text.no].logsumexp(-1))).mean()
    return critic.log_odds(text, logits), torch.from_numpy(data["yes"][at]).float().reshape(-1), words


def question_loss(model, text, data, at):
    odds, yes, words = answers(model, text, data, at)
    yes = (1 - SURE) + (2 * SURE - 1) * yes
    return cross_entropy(odds, yes) + 0.1 * words, odds.detach(), yes


def read_base(out):
    """Clips of the base model and the oracle's answers about them, as train_base.py keeps them; {} if there are none."""
    folder = f"{out}/base"
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    data = [dict(np.load(f"{folder}/{n}")) for n in names if n[:3].isdigit()]
    return {k: np.concatenate([d[k] for d in data]) for k in data[0]} if data else {}


def matrices_of(model):
    chosen = [p for n, p in model.named_parameters() if p.dim() == 2 and "embed_tokens" not in n and "lm_head" not in n]
    return chosen, [p for p in model.parameters() if not any(p is q for q in chosen)]


def write(folder, model, tokenizer_from):
    model.save_pretrained(folder)
    with open(f"{folder}/video_preprocessor_config.json", "w", encoding="utf-8") as file:
        json.dump(critic.processor_config(), file, indent=2)
    if tokenizer_from != folder:
        for name in ("tokenizer.json", "tokenizer_config.json"):
            with open(f"{tokenizer_from}/{name}", encoding="utf-8") as a, open(f"{folder}/{name}", "w", encoding="utf-8") as b:
                b.write(a.read())


def auc(scores, truth):
    """The chance that a true one has the higher score; half for ties. NaN without both kinds."""
    yes, no = scores[truth > 0.5], scores[truth <= 0.5]
    if not len(yes) or not len(no):
        return float("nan")
    return float(np.mean((yes[:, None] > no[None]) + 0.5 * (yes[:, None] == no[None])))


@torch.no_grad()
def measure(model, text, data, title):
    """Right answers and AUC by group of questions, over those whose truth is plain (further than 0.15 from one half)."""
    model.eval()
    odds, yes = [], []
    for i in range(0, len(data["clips"]), 20):
        at = np.arange(i, min(i + 20, len(data["clips"])))
        _, o, _ = question_loss(model, text, data, at)
        odds.append(o.numpy())
        yes.append(data["yes"][at].reshape(-1))
    odds, yes = np.concatenate(odds), np.concatenate(yes)
    groups = np.array([questions.group(LIST[q]) for q in data["asked"].reshape(-1)])
    plain = np.abs(yes - 0.5) > 0.15
    for name in ["all", *dict.fromkeys(groups)]:
        mine = plain & ((groups == name) | (name == "all"))
        print(f"{title} {name:9} n {mine.sum():5} right {np.mean((odds[mine] > 0) == (yes[mine] > 0.5)):.4f} "
              f"AUC {auc(odds[mine], yes[mine]):.4f}", flush=True)
    model.train()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--which", choices=tuple(FOLDER), default="first")
    parser.add_argument("--out", default="/tmp/scenes-train")
    parser.add_argument("--heads", type=int, default=600, help="steps of the first stage")
    parser.add_argument("--steps", type=int, default=2000, help="of the second")
    parser.add_argument("--last", type=int, default=800, help="of the third")
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--parts", type=int, default=8, help="thousands of clips")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--measure", action="store_true")
    o = parser.parse_args()
    seed = {"first": 0, "second": 1}[o.which]
    torch.set_num_threads(o.threads)
    home = f"{o.out}/critic-{o.which}"
    os.makedirs(home, exist_ok=True)
    if not os.path.exists(f"{o.out}/assets/critic/tokenizer.json"):
        texts.critic_tokenizer(f"{o.out}/assets/critic")
    tokenizer = Tokenizer.from_file(f"{o.out}/assets/critic/tokenizer.json")
    text = critic.Texts(tokenizer)
    torch.manual_seed(seed)
    model = critic.build(tokenizer, **critic.WIDTHS[o.which])
    heads = Heads(model.config.text_config.hidden_size)
    to_latents, to_clips = bank.vae_of(f"{o.out}/vae")
    path = f"{home}/checkpoint.pt"
    kept = torch.load(path) if os.path.exists(path) else None
    if kept:
        model.load_state_dict(kept["model"])
        heads.load_state_dict(kept["heads"])
    fresh = next(bank.parts(f"{o.out}/clips-held-out", 1, lambda p: make_part(p, 77, to_latents, to_clips)))
    base = read_base(o.out)
    if base:  # the last fifth is never trained on
        cut = len(base["clips"]) * 4 // 5
        base_held = {k: v[cut:] for k, v in base.items()}
        base = {k: v[:cut] for k, v in base.items()}
    if o.measure:
        measure(model, text, make_part(0, 78, to_latents, to_clips, true_film, 300), "true")
        measure(model, text, {k: v[:400] for k, v in fresh.items()}, "films")
        if base:
            measure(model, text, base_held, "base")
        return
    data = list(bank.parts(f"{o.out}/clips-{o.which}", o.parts, lambda p: make_part(p, seed, to_latents, to_clips)))
    data = {k: np.concatenate([d[k] for d in data]) for k in data[0]}
    opt = optim.Optimizer(*matrices_of(model), muon_lr=0.01, adam_lr=1e-3)
    heads_opt = torch.optim.AdamW(heads.parameters(), lr=2e-3, weight_decay=0)
    step = 0
    if kept:
        opt.load_state_dict(kept["optimizer"])
        heads_opt.load_state_dict(kept["heads_optimizer"])
        step = kept["step"]
    pace, sums = optim.Pace(), []
    films = o.heads + o.steps
    end = films + (o.last if base else 0)
    while step < end:
        rng = np.random.default_rng((seed, 4, step))
        at = rng.integers(len(data["clips"]), size=o.batch)
        if step < o.heads:
            plain = plain_batch(rng, o.batch)
            loss, right = heads.loss(critic.look(model, plain["clips"]), plain)
            rate = min(1.0, (step + 1) / 20)
        elif step < films:
            loss = question_loss(model, text, data, at)[0]
            rate = 0.1 + 0.9 * optim.rate(step - o.heads, o.steps, warmup=50, fall=0.6)
        else:
            of = (base, rng.integers(len(base["clips"]), size=o.batch)) if step % 2 else (data, at)
            loss = question_loss(model, text, *of)[0]
            rate = 0.4 * optim.rate(step - films, o.last, fall=1.0)
        loss.backward()
        if step < o.heads:
            heads_opt.step()
            heads_opt.zero_grad()
        opt.step(rate)
        step += 1
        sums.append(float(loss.detach()))
        if step % 50 == 0:
            more = f" shapes right {right:.3f}" if step <= o.heads else ""
            print(f"step {step} loss {np.mean(sums):.4f} {pace.spent()}{more}", flush=True)
            sums = []
        if step > o.heads and (step - o.heads) % 400 == 0:
            measure(model, text, {k: v[:200] for k, v in fresh.items()}, "films")
        if pace.due(step == end):
            optim.save(path, model=model.state_dict(), heads=heads.state_dict(), optimizer=opt.state_dict(),
                       heads_optimizer=heads_opt.state_dict(), step=step)
        if pace.stop:
            return
    measure(model, text, fresh, "films")
    if not base:
        print(f"the last stage needs {o.out}/base: run train_base.py --bank, then this again")
        return
    measure(model, text, base_held, "base")
    folder = f"{o.out}/assets/{FOLDER[o.which]}"
    os.makedirs(folder, exist_ok=True)
    write(folder, model, f"{o.out}/assets/critic")


if __name__ == "__main__":
    main()
