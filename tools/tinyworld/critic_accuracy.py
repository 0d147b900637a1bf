"""How often the bundled critic is right about true clips: every question of the tiny world, asked by drf itself.

The clips are those of tests/goldens/oracle_cases.* that were not degraded; the truth is the oracle's. A question about a
value of an attribute is asked for each of its values, so that one in three or four is "Yes".

    python tools/tinyworld/critic_accuracy.py [BINARY ...]        (from the repository's root)
"""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict

from safetensors.torch import load_file, save_file

VALUES = {"color": ["red", "green", "blue", "yellow"], "shape": ["ball", "square", "triangle"],
          "motion": ["left", "right", "up", "down"], "bg": ["black", "gray", "white"]}
TEXTS = {"color": "Is the object {}?", "shape": "Is the object a {}?", "motion": "Does the object move {}?",
         "bg": "Is the background {}?"}
FACTS = {"color_const": "Does the object keep its color?", "smooth": "Does the object move smoothly?",
         "clean": "Are the corners clean?"}


def questions(truth):
    """(group, text, whether yes is right)"""
    for name, values in VALUES.items():
        for value in values:
            yield name, TEXTS[name].format(value), truth[name] == value
    for name, text in FACTS.items():
        yield name, text, truth[name]


def asked(binary, frames, truth, folder):
    listed = list(questions(truth))
    with open(f"{folder}/q.jsonl", "w", encoding="utf-8") as file:
        for i, (_, text, yes) in enumerate(listed):
            file.write(json.dumps({"id": f"q{i}", "prompt": 0, "aspect": "TA", "kind": "yes_no", "text": text,
                                   "answer": "Yes" if yes else "No", "weight": 1.0}) + "\n")
    save_file({"frames": frames}, f"{folder}/f.safetensors")
    done = subprocess.run([binary, "score", "--critic", "assets/tiny/critic", "--frames", f"{folder}/f.safetensors",
                           "--questions", f"{folder}/q.jsonl", "--fps", "8", "--threads", "1", "--json"], capture_output=True,
                          text=True, check=True)
    for (group, _, yes), line in zip(listed, done.stdout.splitlines()):
        row = json.loads(line)
        yield group, (row["p_yes"] > 0.5) == yes, row["logprob"]


def main():
    with open("tests/goldens/oracle_cases.json", encoding="utf-8") as file:
        cases = json.load(file)
    clips = load_file("tests/goldens/oracle_cases.safetensors")["clips"].permute(0, 1, 4, 2, 3).float() / 255
    true = [i for i, case in enumerate(cases) if not case["degraded"]]
    for binary in sys.argv[1:] or ["build/src/drf/cli/drf"]:
        found = defaultdict(list)
        with tempfile.TemporaryDirectory() as folder:
            for i in true:
                for group, right, logprob in asked(binary, clips[i].contiguous(), cases[i]["oracle"], folder):
                    found[group].append((right, logprob))
        every = [pair for pairs in found.values() for pair in pairs]
        print(f"{binary}: {len(true)} clips, {len(every)} answers")
        for group, pairs in {"all": every, **found}.items():
            print(f"  {group:12} right {sum(r for r, _ in pairs) / len(pairs):.4f}  mean log p {sum(v for _, v in pairs) / len(pairs):.4f}")


if __name__ == "__main__":
    main()
