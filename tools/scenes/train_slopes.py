"""Teaches a trained critic of the world `scenes` slopes (slopes.py): how far its log odds are from a line between what it says of two values,
and how they change between two clips of which one is a little further on the way.

    python tools/scenes/train_slopes.py [--which first|second] [--out /tmp/scenes-train] [--steps 1600] [--measure]

Every third batch is of two objects that stand anywhere (sides.py). Reads OUT/vae/model, OUT/base, OUT/clips-WHICH and OUT/assets/critic or judge, keeps OUT/slopes-WHICH
and OUT/sides-WHICH, and writes that folder again. With --measure it trains nothing. 0.07 s of one core a clip and 0.8 s a step: 30 minutes.
"""

import argparse
import os
import sys
from collections import defaultdict

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: E402, F401
import torch  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from transformers import Qwen2_5_VLForConditionalGeneration  # noqa: E402

import bank  # noqa: E402
import critic_model as critic  # noqa: E402
import optim  # noqa: E402
import questions  # noqa: E402
import sides  # noqa: E402
import slopes  # noqa: E402
from train_critic import (ASKED, FOLDER, LIST, SURE, add_film, answers, as_part, covers, make_part, matrices_of, measure,  # noqa: E402
                          read_base, read_clips, true_film, write)

THROUGH, NOISE = 0.8, 0.3  # share of the pairs that pass through the VAE, and the largest noise on their latents
TOP = float(np.log(SURE / (1 - SURE)))  # the log odds of a plain yes
HELD = 200  # clips of the last pairs and of the last of sides, never trained on
ENOUGH = 2.0  # log odds of the base model's clips: on which side, and not by how much, is what the oracle knows


def make_pairs(part, seed, to_latents, to_clips):
    """Clips 2i and 2i + 1 differ in that everything is a little further on its way."""
    out = defaultdict(list)
    for i in range(bank.PART // 2):
        step = np.random.default_rng((seed, 8, part, i)).uniform(0.05, 0.2)
        for further in (0.0, step):
            film, scene, toward = slopes.film_between(np.random.default_rng((seed, 7, part, i)), further)
            rng = np.random.default_rng((seed, 9, part, i))
            add_film(out, film, slopes.asked(scene, toward, rng, ASKED), rng, THROUGH, NOISE)
    return as_part(out, seed * 1000 + part, to_latents, to_clips, alike=2)


def make_sides(part, seed, to_latents, to_clips):
    out = defaultdict(list)
    for i in range(bank.PART):
        rng = np.random.default_rng((seed, 11, part, i))
        film, scene = sides.film_of(rng)
        add_film(out, film, sides.asked(scene), rng, THROUGH, NOISE)
        out["cover"].append(covers(film))
        out["far"].append(sides.far_of(film))
    return as_part(out, seed * 1000 + 500 + part, to_latents, to_clips)


def asked_of(model, text, data, at):
    """answers() with a row a clip."""
    odds, yes, words = answers(model, text, data, at)
    return odds.reshape(len(at), -1), yes.reshape(len(at), -1), words


def loss_of(model, text, kind, data, at):
    odds, yes, words = asked_of(model, text, data, at)
    if kind == "base":
        side = yes - 0.5
        return torch.nn.functional.softplus(ENOUGH - side.sign() * odds)[side.abs() > 0.15].mean() + 0.1 * words
    line = TOP * (2 * yes - 1)
    loss = torch.nn.functional.smooth_l1_loss(odds, line)
    if kind == "pairs":
        rise, wanted = (x[1::2] - x[::2] for x in (odds, line))
        loss = loss + torch.nn.functional.smooth_l1_loss(4 * rise, 4 * wanted)
    return loss + 0.1 * words


def sides_loss(model, head, data, at):
    """What a batch of sides asks of the vision tower."""
    cover, far = (torch.from_numpy(data[name][at]) for name in ("cover", "far"))
    return head.loss(critic.look(model, read_clips(data, at)), cover, far)


@torch.no_grad()
def slopes_kept(model, text, pairs):
    """By group of questions: how much of the rise between two clips is there (1: all of it), over pairs never trained on."""
    rise, wanted, groups = [], [], []
    for i in range(len(pairs["clips"]) - HELD, len(pairs["clips"]), 20):
        at = np.arange(i, i + 20)
        odds, yes, _ = asked_of(model, text, pairs, at)
        rise.append((odds[1::2] - odds[::2]).flatten().numpy())
        wanted.append(2 * TOP * (yes[1::2] - yes[::2]).flatten().numpy())
        groups += [questions.group(LIST[q]) for q in pairs["asked"][at[::2]].reshape(-1)]
    rise, wanted, groups = np.concatenate(rise), np.concatenate(wanted), np.array(groups)
    for name in ["all", *dict.fromkeys(groups)]:
        mine = (groups == name) | (name == "all")
        kept = (rise * wanted)[mine].sum() / max((wanted**2)[mine].sum(), 1e-9)
        print(f"slopes {name:9} kept {kept:.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--which", choices=tuple(FOLDER), default="first")
    parser.add_argument("--out", default="/tmp/scenes-train")
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--parts", type=int, default=4, help="thousands of clips in pairs")
    parser.add_argument("--sides", type=int, default=2, help="thousands of clips of two objects anywhere")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--measure", action="store_true")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    folder, seed = f"{o.out}/assets/{FOLDER[o.which]}", list(FOLDER).index(o.which)
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    text = critic.Texts(Tokenizer.from_file(f"{folder}/tokenizer.json"))
    coders = bank.vae_of(f"{o.out}/vae")
    joined = lambda parts: {k: np.concatenate([p[k] for p in parts]) for k in parts[0]}  # noqa: E731
    pairs = joined(list(bank.parts(f"{o.out}/slopes-{o.which}", o.parts, lambda p: make_pairs(p, seed, *coders))))
    stand = joined(list(bank.parts(f"{o.out}/sides-{o.which}", o.sides, lambda p: make_sides(p, seed, *coders))))
    stand, stand_held = ({k: v[part] for k, v in stand.items()} for part in (slice(-HELD), slice(-HELD, None)))
    base = read_base(o.out)
    cut = len(base["clips"]) * 4 // 5  # as train_critic.py keeps the last fifth
    held, base = ({k: v[part] for k, v in base.items()} for part in (slice(cut, None), slice(cut)))
    if not o.measure:
        films = joined(list(bank.parts(f"{o.out}/clips-{o.which}", 2, lambda p: make_part(p, seed, *coders))))
        head = sides.Sides(model.config.text_config.hidden_size)
        opt, pace = optim.Optimizer(*matrices_of(model), muon_lr=0.01, adam_lr=1e-3), optim.Pace()
        head_opt = torch.optim.AdamW(head.parameters(), lr=3e-3, weight_decay=0)
        turn = (("pairs", pairs), ("sides", stand), ("base", base), ("pairs", pairs), ("sides", stand), ("films", films))
        for step in range(o.steps):
            rng = np.random.default_rng((7 + seed, step))
            kind, data = turn[step % len(turn)]
            at = rng.integers(len(data["clips"]), size=o.batch)
            if kind == "pairs":
                first = 2 * rng.integers((len(data["clips"]) - HELD) // 2, size=o.batch // 2)
                at = np.stack([first, first + 1], 1).reshape(-1)
            loss = loss_of(model, text, kind, data, at)
            if kind == "sides":
                loss = loss + sides_loss(model, head, data, at)
            loss.backward()
            head_opt.step()
            head_opt.zero_grad()
            opt.step(0.5 * min(1, (step + 1) / 30) * min(1, (o.steps - step) / (0.6 * o.steps)))
            if (step + 1) % 100 == 0:
                print(f"step {step + 1} {kind} loss {float(loss.detach()):.4f} {pace.spent()}", flush=True)
            if pace.stop:
                return  # nothing is kept of this stage until it is whole
    slopes_kept(model, text, pairs)
    measure(model, text, make_part(0, 78, *coders, true_film, 300), "true")
    measure(model, text, stand_held, "sides")
    measure(model, text, held, "base")
    if not o.measure:
        write(folder, model, folder)


if __name__ == "__main__":
    main()
