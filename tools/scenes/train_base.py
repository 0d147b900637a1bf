"""What the trained generator draws, judged by the oracle: the shares of every column at several guidances, and a bank of
clips with the oracle's answers for the critics. About 0.15 s of one core a clip.

    python tools/scenes/train_base.py [--out /tmp/scenes-train] --judge [--steps 8] [--guidance 1 2 3 4 6] [--clips 240]
    python tools/scenes/train_base.py [--out /tmp/scenes-train] --bank 3      # thousands of clips, OUT/base
"""

import argparse
import os
import sys
from collections import Counter

import numpy as np

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
import torchvision_ops  # noqa: E402, F401
import torch  # noqa: E402

import bank  # noqa: E402
import oracle  # noqa: E402
import train_generator as generator  # noqa: E402
import world  # noqa: E402
from train_critic import ASKED, INDEX  # noqa: E402


def truth(answer, question):
    """The oracle's yes or no to a question, 0 or 1; a half where it does not say."""
    kind, *given = question
    objects = answer["objects"]
    if kind in ("color", "shape"):
        return float(np.mean([o[kind] == given[0] for o in objects])) if objects else 0.0
    if kind == "motion":
        return float(answer["motion"] == given[0])
    if kind == "bg":
        return float(answer["bg"] == given[0])
    if kind in ("shape is color", "color is shape"):
        return float(any((o["shape"], o["color"]) == tuple(given) for o in objects))
    if kind == "relation":
        first, name, second = given
        seen = [o["color"] for o in objects]
        return float(answer["count"] == 2 and ((seen == [first, second] and answer["relation"] == name) or (
            seen == [second, first] and oracle.OPPOSITE[answer["relation"]] == name)))
    if kind == "ground":
        return float(bool(answer["grounded"]))
    if not objects:
        return 0.5 if kind != "clean" else float(answer["clean"])
    return float({"keeps": all(o["kept"] for o in objects), "smooth": answer["smooth"], "clean": answer["clean"]}[kind])


def asked_of(scene, rng):
    """The questions of questions.json about a scene, with twins, at random; the reward asks these."""
    pick = lambda values, but: [v for v in values if v != but][rng.integers(len(values) - 1)]  # noqa: E731
    colors, shapes = list(world.COLORS), list(world.SHAPES)
    pool = [("bg", scene.bg), ("bg", pick(list(world.BACKGROUNDS), scene.bg)), ("keeps",), ("smooth",), ("clean",)]
    if scene.kind == "pair":
        for s, c in ((scene.shape, scene.color), (scene.shape2, scene.color2)):
            pool += [("shape is color", s, c), ("shape is color", s, pick(colors, c)), ("color is shape", s, c),
                     ("color is shape", pick(shapes, s), c)]
        pool += [("relation", scene.color, r, scene.color2) for r in (scene.relation, pick(world.RELATIONS, scene.relation))]
        pool += [("relation", scene.color2, scene.relation, scene.color)]
    else:
        moves = world.MOTIONS if scene.motion else world.EVENTS
        value = scene.motion or scene.event
        pool += [("color", scene.color), ("color", pick(colors, scene.color)), ("shape", scene.shape),
                 ("shape", pick(shapes, scene.shape)), ("motion", value), ("motion", pick(moves, value))]
        if scene.event:
            pool += [("ground", scene.event)] * 2
    return [pool[i] for i in rng.permutation(len(pool))[:ASKED]]


def draw(models, to_clips, scenes, seed, steps, guidance):
    clips = []
    for i in range(0, len(scenes), 20):
        prompts = [s.prompt for s in scenes[i : i + 20]]
        noise = torch.randn(len(prompts), 8, 3, 12, 12, generator=torch.Generator().manual_seed(seed + i))
        clips.append(to_clips(generator.sample(*models, prompts, noise, steps, guidance)))
    return np.concatenate(clips)


def make_part(part, seed, models, to_clips):
    """A part's clips come from guidances 1, 3 and 6: what a critic meets while training."""
    rng = np.random.default_rng((seed, 5, part))
    scenes = [world.draw_scene(rng) for _ in range(bank.PART)]
    thirds = np.array_split(np.arange(bank.PART), 3)
    clips = np.concatenate([draw(models, to_clips, [scenes[i] for i in third], seed * 10**6 + part * 10**4 + int(third[0]),
                                 8, guidance) for third, guidance in zip(thirds, (1, 3, 6))])
    order = rng.permutation(bank.PART)
    answers = [oracle.judge(clip) for clip in clips]
    asked = [asked_of(s, rng) for s in scenes]
    yes = [[truth(a, q) for q in row] for a, row in zip(answers, asked)]
    return {"clips": np.round(clips * 255).astype(np.uint8)[order], "yes": np.array(yes)[order],
            "asked": np.array([[INDEX[q] for q in row] for row in asked])[order]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default="/tmp/scenes-train")
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--guidance", type=float, nargs="+", default=[1, 2, 3, 4, 6])
    parser.add_argument("--clips", type=int, default=240)
    parser.add_argument("--bank", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    models = generator.load(o.out)[:3]
    _, to_clips = bank.vae_of(f"{o.out}/vae")
    if o.judge:
        rng = np.random.default_rng(o.seed + 99)
        scenes = [world.draw_scene(rng) for _ in range(o.clips)]
        for guidance in o.guidance:
            clips = draw(models, to_clips, scenes, 555, o.steps, guidance)
            answers = [oracle.judge(c) for c in clips]
            row = oracle.shares([oracle.marks(a, s) for a, s in zip(answers, scenes)])
            print(f"guidance {guidance} steps {o.steps}: " + " ".join(f"{k} {v:.3f}" for k, v in row.items()), flush=True)
            # Is every value drawn when it is asked for?
            for name, wanted in (("shape", lambda s: s.shape), ("color", lambda s: s.color)):
                found = Counter((wanted(s), x[name]) for s, a in zip(scenes, answers) if s.kind != "pair"
                                for x in a["objects"][:1])
                print("  asked, drawn:", {f"{a}>{b}": n for (a, b), n in sorted(found.items())}, flush=True)
            found = Counter((s.motion or s.event, a["motion"]) for s, a in zip(scenes, answers) if s.kind != "pair")
            print("  asked, drawn:", {f"{a}>{b}": n for (a, b), n in sorted(found.items())}, flush=True)
    for _ in bank.parts(f"{o.out}/base", o.bank, lambda p: make_part(p, o.seed, models, to_clips)):
        pass


if __name__ == "__main__":
    main()
