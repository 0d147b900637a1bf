"""Teaches a critic of the world `scenes` the open question, for the ablation of dense questions against yes/no ones (bench/ablations.py
dense): what a clip shows, in the words of its sentence. The log odds of its yes/no answers are held to what the critic said before, so
that the two sorts of question are compared on one critic that is as good at the one as it was.

    python tools/scenes/teach_dense.py [--out /tmp/scenes-dense] [--steps 900] [--clips 3000]

Reads assets/scenes, keeps OUT/clips and writes OUT/critic. 0.1 s of one core a clip and a second a step: twenty minutes.
"""

import argparse
import copy
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
import world  # noqa: E402
from clips import any_film  # noqa: E402
from train_critic import LIST, add_film, as_part, matrices_of, read_clips, write  # noqa: E402

ASSETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "assets", "scenes")
ASKED, HELD = 6, 300  # yes/no questions a clip; clips that are never trained on
SENTENCES = [scene.prompt for scene in world.all_scenes()]
NUMBER = {sentence: i for i, sentence in enumerate(SENTENCES)}


def make_part(part, to_latents, to_clips, number):
    """Two clips of three show what their sentence says, maybe with spots; of the third none is told (-1)."""
    out = defaultdict(list)
    for i in range(number):
        rng = np.random.default_rng((11, part, i))
        told = i % 3 < 2
        if told:
            scene = world.draw_scene(rng)
            film = world.film_of(scene, rng)
            if rng.random() < 0.3:
                world.add_spots(film, rng, amount=rng.uniform(0.3, 1))
        else:
            film = any_film(rng)
        add_film(out, film, questions.asked(film, rng, ASKED), rng)
        out["sentence"].append(NUMBER[scene.prompt] if told else -1)
    return as_part(out, 1100 + part, to_latents, to_clips)


def forward(model, text, data, at, sentences=None):
    """Log odds of the yes/no answers [B, ASKED], and with `sentences` (a number a clip) the mean log-probability of each one's words as
    the answer to the open question [B]."""
    suffixes = [[text.question(questions.text(LIST[q])) for q in row] for row in data["asked"][at]]
    answers = None
    if sentences is not None:
        suffixes = [row + [text.question(questions.DESCRIBE)] for row in suffixes]
        answers = [[[]] * ASKED + [text.encode(SENTENCES[s])] for s in sentences]
    logits = critic.answer_logits(model, text, read_clips(data, at), suffixes, answers)
    asked = ASKED + (answers is not None)
    first, rest = logits[: len(at) * asked].reshape(len(at), asked, -1), logits[len(at) * asked :]
    odds = critic.log_odds(text, first[:, :ASKED].reshape(len(at) * ASKED, -1)).reshape(len(at), ASKED)
    if answers is None:
        return odds, None
    told, begin = [], 0
    for row in answers:  # row k of an answer foretells its token k
        tokens = torch.tensor(row[-1])
        told.append(rest[begin : begin + len(tokens)].log_softmax(-1).gather(1, tokens[:, None]).mean())
        begin += len(tokens)
    return odds, torch.stack(told)


def nearest(sentence, rng):
    """Another sentence that differs in one word: what a control says."""
    words = SENTENCES[sentence].split()
    others = [i for i, s in enumerate(SENTENCES) if len(s.split()) == len(words) and sum(a != b for a, b in zip(s.split(), words)) == 1]
    return int(rng.choice(others))


@torch.no_grad()
def measure(model, teacher, text, data):
    at, off, right, told = np.arange(len(data["clips"]) - HELD, len(data["clips"])), [], [], []
    for i in range(0, HELD, 20):
        some = at[i : i + 20]
        odds, before = forward(model, text, data, some)[0], forward(teacher, text, data, some)[0]
        off.append((odds - before).abs().flatten())
        some = some[data["sentence"][some] >= 0]
        own = data["sentence"][some]
        rng = np.random.default_rng(i)
        mine = forward(model, text, data, some, own)[1]
        other = forward(model, text, data, some, [nearest(s, rng) for s in own])[1]
        right.append((mine > other).float())
        told.append(mine)
    off, right, told = map(torch.cat, (off, right, told))
    print(f"held out: yes/no log odds off by {off.mean():.3f} (median {off.median():.3f}); own sentence above one of another word in {right.mean():.3f}, "
          f"mean log p of its words {told.mean():.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default="/tmp/scenes-dense")
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--clips", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--threads", type=int, default=1)
    o = parser.parse_args()
    if o.clips < bank.PART:
        parser.error(f"--clips {o.clips}: wanted {bank.PART} or more, of which {HELD} are never trained on")
    torch.set_num_threads(o.threads)
    folder = f"{ASSETS}/critic"
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    teacher = copy.deepcopy(model).eval()
    text = critic.Texts(Tokenizer.from_file(f"{folder}/tokenizer.json"))
    os.makedirs(f"{o.out}/vae", exist_ok=True)
    if not os.path.exists(f"{o.out}/vae/model"):
        os.symlink(os.path.abspath(f"{ASSETS}/generator/vae"), f"{o.out}/vae/model")
    coders = bank.vae_of(f"{o.out}/vae")
    made = list(bank.parts(f"{o.out}/clips", o.clips // bank.PART, lambda p: make_part(p, *coders, bank.PART)))
    data = {k: np.concatenate([part[k] for part in made]) for k in made[0]}
    opt, pace, sums = optim.Optimizer(*matrices_of(model), muon_lr=0.01, adam_lr=1e-3), optim.Pace(), []
    for step in range(o.steps):
        rng = np.random.default_rng((12, step))
        at = rng.integers(len(data["clips"]) - HELD, size=o.batch)
        told = data["sentence"][at] >= 0
        if not told.any():
            continue
        at = np.concatenate([at[told], at[~told]])
        odds, said = forward(model, text, data, at[: told.sum()], data["sentence"][at[: told.sum()]])
        if not told.all():
            odds = torch.cat([odds, forward(model, text, data, at[told.sum() :])[0]])
        with torch.no_grad():
            before = forward(teacher, text, data, at)[0]
        held = torch.nn.functional.smooth_l1_loss(odds, before)
        loss = held - said.mean()
        loss.backward()
        opt.step(0.4 * optim.rate(step, o.steps, warmup=30, fall=0.8))
        sums.append((float(held.detach()), float(said.detach().mean())))
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} odds {np.mean([s[0] for s in sums]):.4f} log p {np.mean([s[1] for s in sums]):.4f} {pace.spent()}", flush=True)
            sums = []
        if pace.stop:
            return
    measure(model, teacher, text, data)
    os.makedirs(f"{o.out}/critic", exist_ok=True)
    write(f"{o.out}/critic", model, folder)


if __name__ == "__main__":
    main()
