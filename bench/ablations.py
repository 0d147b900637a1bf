#!/usr/bin/env python
"""What each choice of the demo's recipe is worth: the recipe with one thing changed, at the demo's length, over seeds, beside the
recipe itself on the same seeds. One file a run; what is there is not run again, and what was interrupted goes on where it was.

    python bench/ablations.py run [--only K-1 margin-off ...] [--seeds 3] [--at-once 2] [--device cuda] [--table]
    python bench/ablations.py dense --critic DIR [--seeds 3] [--at-once 2] [--device cuda]
    python bench/ablations.py show            # Markdown: the recipe, and each change's difference from it, seed by seed

With --table all that bench/table.py lacks comes first, so that no core waits for its last run. The world is scenes, whose critic was taught no open
question: `dense` compares them with yes/no ones by one that was (DIR: tools/scenes/teach_dense.py's), in the demo's recipe as it is.
"""

import argparse
import json
import pathlib
import sys

from runs import ROOT, count
from table import cell, demos, jobs_of, of_one_world, read

RECIPE = "recipe"
NO_TWINS = ROOT / "runs/ablations/questions-no-twins.json"
OPEN = {"aspect": "TA", "kind": "dense", "text": "Describe the video.", "answer": "{prompt}"}
# Text alignment asked by yes/no questions, by the open one, by both, the open one weighing about as much as the others together.
DENSE = {"yes-no": (True, 0), "dense": (False, 1), "both": (True, 8)}
CHANGES = {
    RECIPE: {},
    "K-1": {"flow": {"K": 1}}, "K-2": {"flow": {"K": 2}}, "K-3": {"flow": {"K": 3}}, "K-5": {"flow": {"K": 5}},
    "uniform": {"flow": {"policy": "uniform"}}, "sparse": {"flow": {"policy": "sparse"}}, "random": {"flow": {"policy": "random"}},
    "nested-0": {"flow": {"nested": 0.0}}, "nested-half": {"flow": {"nested": 0.5}},
    "TA-alone": {"reward": {"weights": {"TA": 8, "PF": 0, "VQ": 0}}}, "TA-PF": {"reward": {"weights": {"TA": 8, "PF": 3, "VQ": 0}}},
    "twins-off": {"questions": {"templates": str(NO_TWINS.relative_to(ROOT))}},
    "margin-off": {"reward": {"margin": 1.0}}, "log-p": {"reward": {"odds": False}},
    "anchor": {"train": {"anchor": 0.02}}, "ema": {"train": {"ema": 0.98}},
    "batch-8": {"train": {"batch": 8}}, "batch-16": {"train": {"batch": 16}},
    "robust-pixels": {"robust": {"pixels": 0.004}}, "robust-adapters": {"robust": {"adapters": 0.05}},
    "cross-attention": {"lora": {"targets": ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"]}, "train": {"lr": 2e-3}},
}
COLUMNS = ["color", "shape", "motion", "relation", "bg", "count", "TA", "TA_all", "phys", "clean", "diversity", "p_right/judge"]


def changed(change):
    """The demo's recipe with the change, and with the validations that the guards look at."""
    recipe = read(ROOT / "configs/scenes.toml")
    recipe["train"]["eval_every"] = 20
    recipe["eval"] = {"seeds": 2}
    for section, keys in change.items():
        recipe.setdefault(section, {}).update(keys)
    return recipe


def write_no_twins():
    questions = json.loads((ROOT / "assets/scenes/questions.json").read_text())
    for question in questions["questions"]:
        question.pop("twin", None)
    NO_TWINS.parent.mkdir(parents=True, exist_ok=True)
    NO_TWINS.write_text(json.dumps(questions, indent=1) + "\n")


def dense(o):
    critic = pathlib.Path(o.critic).absolute()
    if not (critic / "config.json").is_file():
        sys.exit(f"--critic {o.critic}: no critic's folder; tools/scenes/teach_dense.py makes one")
    questions = json.loads((ROOT / "assets/scenes/questions.json").read_text())
    jobs = []
    for name, (yes_no, weight) in DENSE.items():
        kept = [q for q in questions["questions"] if yes_no or q["aspect"] != "TA"]
        asked = questions | {"questions": kept + ([OPEN | {"weight": weight}] if weight else [])}
        file = ROOT / f"runs/ablations/questions-{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asked, indent=1) + "\n")
        recipe = read(ROOT / "configs/scenes.toml")
        recipe["critic"]["path"] = str(critic)
        recipe["questions"] = {"templates": str(file.relative_to(ROOT)), "dense": weight > 0}
        jobs += [("scenes", ROOT / f"bench/results/dense/{name}-s{seed}.json", seed, recipe, "--judge-every", 100) for seed in range(o.seeds)]
    jobs.sort(key=lambda job: job[2])
    demos(o.at_once, jobs, o.device)


def file_of(name, seed):
    return ROOT / "bench/results/ablations" / f"{name}-s{seed}.json"


def run(o):
    unknown = set(o.only or []) - set(CHANGES)
    if unknown:
        sys.exit(f"--only: {', '.join(sorted(unknown))}: no such change; {', '.join(CHANGES)}")
    write_no_twins()
    jobs = [(seed, name) for seed in range(o.seeds) for name in CHANGES if name == RECIPE or not o.only or name in o.only]
    first = jobs_of() if o.table else []
    demos(o.at_once, first + [("scenes", file_of(name, seed), seed, changed(CHANGES[name]), "--judge-every", 100) for seed, name in jobs], o.device)


def rows_of(folder):
    rows = {}
    for path in sorted((ROOT / "bench/results" / folder).glob("*-s*.json")):
        name, seed = path.stem.rsplit("-s", 1)
        rows.setdefault(name, {})[int(seed)] = json.loads(path.read_text())
    of_one_world([row for of_name in rows.values() for row in of_name.values()])
    return rows


def show(_):
    rows = rows_of("ablations")
    if RECIPE not in rows:
        sys.exit("bench/results/ablations has no run of the recipe itself: python bench/ablations.py run")
    beside(rows, RECIPE, "the recipe", CHANGES)
    taught = rows_of("dense")
    if "yes-no" in taught:
        print("\nBy a critic that was taught the open question as well:\n")
        beside(taught, "yes-no", "yes/no questions", DENSE)


def beside(rows, first, title, names):
    plain = rows.pop(first)
    print("| | seeds | " + " | ".join(COLUMNS) + " |\n" + "|---" * (len(COLUMNS) + 2) + "|")
    print(f"| {title} | {len(plain)} | " + " | ".join(cell([r["after"][c] for r in plain.values()]) for c in COLUMNS) + " |")
    for name in [name for name in names if name in rows]:
        both = sorted(set(rows[name]) & set(plain))
        if both:
            cells = [cell([rows[name][s]["after"][c] - plain[s]["after"][c] for s in both]) for c in COLUMNS]
            print(f"| {name} | {len(both)} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run")
    one.add_argument("--only", nargs="+")
    one.add_argument("--seeds", type=count, default=3)
    one.add_argument("--at-once", type=count, default=2)
    one.add_argument("--device", default="cpu")
    one.add_argument("--table", action="store_true")
    one.set_defaults(act=run)
    one = commands.add_parser("dense")
    one.add_argument("--critic", required=True)
    one.add_argument("--seeds", type=count, default=3)
    one.add_argument("--at-once", type=count, default=2)
    one.add_argument("--device", default="cpu")
    one.set_defaults(act=dense)
    commands.add_parser("show").set_defaults(act=show)
    o = parser.parse_args()
    o.act(o)


if __name__ == "__main__":
    main()
