#!/usr/bin/env python3
"""Which of the questions that drf makes now has a person judged, and how good are they?

    scripts/judged_questions.py [--drf build/src/drf/cli/drf] [--sets FOLDER]... [--list] [--unjudged FOLDER] [--record]

For each set of judged prompts (prompts-NAME.txt and questions-NAME-*.jsonl, in tests/judged and ../shared/cases or in --sets; one set may
lie in several folders and have several judges: what one of them finds wrong is wrong) `drf questions` is run and its questions are compared with the judged ones: by prompt, aspect, kind, text and answer.
Where answers-NAME.jsonl is there, a language model wrote the set: drf takes that model's answers from the file, to the instructions in writer-NAME, of the aspects that were judged, and asks nobody. A line with a
"verdict" is a judged question, be it of a judged file or of marks.jsonl ("fact": whether it asks a fact of its own; else those of TA
with the answer Yes do); one with "facts_stated" (or "missed" and "whole", of
marks.jsonl) says what the prompt states. Unjudged questions are counted apart, so that precision and recall have bounds. It prints
tables, also what changed against recorded.json in the first folder (which --record writes), and fails only where drf does.
--list prints the judged-wrong questions that are still made, --unjudged writes a question file a set for `drf questions --judge`.
"""

import argparse
import collections
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDERS = [ROOT / "tests/judged", ROOT.parent / "shared/cases"]
ROWS = ["TA", "PF", "VQ", "all", "dense"]
# What tells of a prompt that something comes after something else; "before dawn" and "after a storm" do not.
TELLS_ORDER = re.compile(r"\b(then|finally|eventually|in the end|at the end|at last|afterwards|after that|(a )?moments? later|seconds later|until"
                         r"|in the (last|final) (scene|shot|moment)|(before|after|once) (?!sun|dawn|dusk|midnight|noon|dark|closing|an? |the (rain|storm)))",
                         re.IGNORECASE)


# Who answered what answers-NAME.jsonl holds: a part of each answer's digest. No server is there.
WRITER = ["--source", "endpoint", "--url", "http://127.0.0.1:8911/v1", "--model", "llm", "--no-dense"]


class JudgedSet:
    """Judged questions by key_of them, and the number of facts that each prompt states."""

    def __init__(self, name, prompts):
        self.name, self.prompts = name, prompts
        self.verdicts, self.facts, self.missed, self.stated, self.unlike = {}, {}, {}, {}, 0

    def read(self, path):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if "verdict" in row:
                    key = key_of(row)
                    before = self.verdicts.get(key, row["verdict"])
                    self.unlike += (before == "valid") != (row["verdict"] == "valid")
                    self.verdicts[key] = row["verdict"] if before == "valid" else before
                    if "fact" in row:
                        self.facts[key] = row["fact"]
                elif "facts_stated" in row:
                    self.stated.setdefault(row["prompt"], row["facts_stated"])
                elif row.get("whole"):
                    self.missed.setdefault(row["prompt"], len(row["missed"]))
            except (KeyError, TypeError, ValueError) as problem:
                sys.exit(f"{path}:{number}: no line of a judged file: {problem!r}")

    def is_fact(self, key):
        """Whether a question, if valid, asks one of the facts that its prompt states (docs/questions.md)."""
        return key[1:3] == ("TA", "yes_no") and self.facts.get(key, key[4] == "Yes")


def key_of(question):
    return tuple(question[part] for part in ("prompt", "aspect", "kind", "text", "answer"))


def rows_of(question):
    return ["dense"] if question["kind"] == "dense" else [question["aspect"], "all"]


def find_sets(folders):
    sets = {}
    for prompts in (p for folder in folders for p in sorted(folder.glob("prompts-*.txt"))):
        judged = sets.setdefault(prompts.stem, JudgedSet(prompts.stem, prompts))
        if judged.prompts.read_bytes() != prompts.read_bytes():
            sys.exit(f"{judged.prompts} and {prompts} differ, and their questions are judged as one set")
    for name, judged in sets.items():
        for folder in folders:
            for file in sorted(folder.glob(name.replace("prompts-", "questions-") + "-*.jsonl")):
                judged.read(file)
    return [judged for judged in sets.values() if judged.verdicts]


def made_by(drf, judged):
    """The questions that drf makes of the set's prompts, and whether a language model wrote them. None where what drf asks a model now is not what
    the set's answers are to."""
    name = judged.name.removeprefix("prompts-")
    answers = judged.prompts.with_name(f"answers-{name}.jsonl")
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "q.jsonl")
        command = [drf, "questions", judged.prompts, "-o", out]
        if answers.exists():
            shutil.copy(answers, f"{out}.answers.jsonl")
            command += [*WRITER, "--instructions", judged.prompts.with_name(f"writer-{name}"),
                        "--aspects", *sorted({key[1] for key in judged.verdicts})]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        if done.returncode and answers.exists() and "cannot be reached" in done.stderr:
            return None, True
        if done.returncode:
            sys.exit(f"{shlex.join(map(str, command))}: {done.stderr}")
        return [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line], answers.exists()


def figures_of(judged, questions):
    rows = {name: collections.Counter() for name in ROWS}
    wrong, open_, asked, maybe = set(), set(), collections.Counter(), collections.Counter()
    for q in questions:
        verdict = judged.verdicts.get(key_of(q))
        what = "unjudged" if verdict is None else "valid" if verdict == "valid" else "wrong"
        for row in rows_of(q):
            rows[row][what] += 1
        if what == "wrong":
            wrong.add(q["prompt"])
        if what == "unjudged":
            open_.add(q["prompt"])
        if judged.is_fact(key_of(q)):
            asked[q["prompt"]] += what == "valid"
            maybe[q["prompt"]] += what != "wrong"
    stated = dict(judged.stated)
    for prompt, missed in judged.missed.items():  # marks say what was missed beside what the questions of then asked
        then = sum(v == "valid" and judged.is_fact(k) for k, v in judged.verdicts.items() if k[0] == prompt)
        stated.setdefault(prompt, then + missed)
    made = {key_of(q) for q in questions}
    gone = [v for k, v in judged.verdicts.items() if k not in made]
    return {"questions": len(questions),
            "rows": {n: [rows[n][w] for w in ("valid", "wrong", "unjudged")] for n in ROWS},
            "prompts_with_wrong": [len(wrong), len(wrong | open_)],
            "facts": [sum(min(asked[p], n) for p, n in stated.items()), sum(min(maybe[p], n) for p, n in stated.items()),
                      sum(stated.values())],
            "gone": {"valid": sum(v == "valid" for v in gone), "wrong": sum(v != "valid" for v in gone)}}


def percent(hits, of):
    return f"{100 * hits / of:.1f} %" if of else "-"


def between(low, high, of):
    return percent(low, of) if low == high else f"{100 * low / of:.1f} to {percent(high, of)}"


def lines_of(figures):
    """What is printed of one set, as {name: text}: also what is compared with the recorded figures."""
    lines = {}
    for name in ROWS:
        valid, wrong, unjudged = figures["rows"][name]
        if valid + wrong + unjudged:
            lines[name] = (f"{valid}/{valid + wrong} valid, {unjudged} unjudged: "
                           f"{between(valid, valid + unjudged, valid + wrong + unjudged)}")
    low, high = figures["prompts_with_wrong"]
    lines["prompts with a wrong question"] = f"{low}" if low == high else f"{low} to {high}"
    asked, maybe, stated = figures["facts"]
    if stated:
        lines["facts asked of those stated"] = f"{asked}{'' if asked == maybe else f' to {maybe}'} of {stated}: {between(asked, maybe, stated)}"
    lines["judged and made no more"] = f"{figures['gone']['wrong']} wrong, {figures['gone']['valid']} valid"
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drf", type=pathlib.Path, default=ROOT / "build/src/drf/cli/drf")
    parser.add_argument("--sets", type=pathlib.Path, action="append")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--unjudged", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    folders = options.sets or FOLDERS
    sets = find_sets(folders)
    if not FOLDERS[1].is_dir() and not options.sets:
        print(f"judged questions: {FOLDERS[1]} is not here, and with it the thirty handed prompts")
    if not sets:
        print("judged questions: none are here (looked in " + ", ".join(map(str, folders)) + "); nothing to compare")
        return
    if not options.drf.is_file():
        sys.exit(f"{options.drf} is not there: build drf (make build), or name it with --drf")
    told = asked = 0  # prompts with a word of order, and those of them that are asked one
    file = folders[0] / "recorded.json"
    recorded = json.loads(file.read_text()) if file.exists() else {}
    for judged in sets:
        questions, written = made_by(options.drf, judged)
        if questions is None:
            print(f"{judged.name}: drf asks a language model otherwise than when it answered; its figures are those of then (docs/questions.md)")
            continue
        figures = figures_of(judged, questions)
        texts = [line for line in judged.prompts.read_text(encoding="utf-8").split("\n") if line.strip()]
        prompts = len(texts)
        ordered = {q["prompt"] for q in questions if q["aspect"] == "TA" and q["answer"] == "Yes" and re.search(r"\bbefore\b", q["text"])}
        telling = {i for i, text in enumerate(texts) if TELLS_ORDER.search(text)}
        if not written:  # a model asks in its own words
            told, asked = told + len(telling), asked + len(telling & ordered)
        print(f"{judged.name}: {prompts} prompts, {figures['questions']} questions are made; {len(judged.verdicts)} were judged"
              + (f", {judged.unlike} of them as valid by one judge and wrong by another (they count as wrong)" if judged.unlike else ""))
        now, before = lines_of(figures), lines_of(recorded[judged.name]) if judged.name in recorded else {}
        for name, text in now.items():
            was = before.get(name)
            print(f"  {name}: {text}" + (f"   (recorded: {was})" if was is not None and was != text else ""))
        for name in before.keys() - now.keys():
            print(f"  {name}: none   (recorded: {before[name]})")
        if not before:
            print("  not recorded before")
        elif before == now:
            print("  as recorded")
        if options.list:
            for q in questions:
                verdict = judged.verdicts.get(key_of(q), "valid")
                if verdict != "valid":
                    print(f"    {q['id']} {q['aspect']}: {q['text']} {q['answer']}   ({verdict})")
        if options.unjudged:
            options.unjudged.mkdir(parents=True, exist_ok=True)
            rest = [json.dumps(q, ensure_ascii=False) for q in questions if key_of(q) not in judged.verdicts]
            (options.unjudged / f"{judged.name.replace('prompts-', 'questions-')}.jsonl").write_text("".join(f"{line}\n" for line in rest),
                                                                                                  encoding="utf-8")
        recorded[judged.name] = figures
    print(f"an order is asked of {asked} of the {told} prompts that tell one by a word")
    if options.record:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
