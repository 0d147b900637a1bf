"""How an update's memory grows with K and with the frames, and the critic's time with the questions, as Markdown.

    python bench/scaling.py [--part K|frames|questions ...] [--drf BINARY] [--updates 2] [--out FILE]

K and frames on the mid models, questions on the long ones (2,048 video tokens). The frames' growth stands beside that of
diffusers' decoder alone, forward and backward.
"""

import argparse
import datetime
import json
import pathlib
import sys
import tempfile

import make_models
import runs

K = (1, 2, 4, 8)
FRAMES = (17, 33, 49, 81)
QUESTIONS = (1, 2, 4, 8, 16)
PARTS = ("K", "frames", "questions")


def mib(number):
    return f"{number / runs.MIB:.0f}"


def ours(options, config, settings):
    """The result of drf bench; its last update counts, the first warms up."""
    return runs.run(runs.drf_command(options.drf, config, options.threads, options.updates, settings))


def with_K(options, place):
    config = make_models.make("mid", place, 0)
    results = {k: ours(options, config, {"flow.K": k}) for k in K}
    first = results[K[0]]["peak_bytes"]
    rows = [[k, mib(r["peak_bytes"]), f"{r['peak_bytes'] / first - 1:+.1%}", mib(r["peak_above_weights"]),
             f"{r['update_s'][-1]:.2f}"] for k, r in results.items()]
    head = ["K", "tensors at most, MiB", "to K = 1", "process above weights, MiB", "s an update"]
    return ["## K, of N = 10 steps", "", runs.table(head, rows)]


def with_frames(options, place):
    config = make_models.make("mid", place, 0)
    results = {f: ours(options, config, {"sampling.frames": f, "sampling.noise": '""'}) for f in FRAMES}
    decoder = {f: runs.run(runs.peer_command(config, options.threads, "--frames", f, script="decoder_peak.py"))
               for f in (FRAMES[0], FRAMES[-1])}
    rows = [[f, mib(r["peak_above_weights"]), f"{r['update_s'][-1]:.2f}",
             mib(decoder[f]["peak_above_weights"]) if f in decoder else ""] for f, r in results.items()]
    growth = results[FRAMES[-1]]["peak_above_weights"] - results[FRAMES[0]]["peak_above_weights"]
    its = decoder[FRAMES[-1]]["peak_above_weights"] - decoder[FRAMES[0]]["peak_above_weights"]
    head = ["frames", "drf, peak above weights, MiB", "s an update", "diffusers' decoder alone, MiB"]
    return ["## Frames", "", runs.table(head, rows), "",
            f"Growth from {FRAMES[0]} to {FRAMES[-1]} frames: drf {mib(growth)} MiB, diffusers' decoder {mib(its)} MiB: "
            f"{growth / its:.1%} of it."]


def with_questions(options, place):
    config = make_models.make("long", place, 0)
    lines = (config.parent / "questions.jsonl").read_text().splitlines(keepends=True)
    results = {}
    for count in QUESTIONS:
        file = config.parent / f"questions-{count}.jsonl"
        file.write_text("".join(lines[:count]))
        # One step: what comes before the decoder is not looked at here.
        settings = {"questions.file": json.dumps(str(file)), "sampling.steps": 1, "flow.K": 1}
        results[count] = ours(options, config, settings)["stages"]
    rows = [[count, f"{s['critic']:.3f}", f"{s['pull_critic']:.3f}"] for count, s in results.items()]
    added = (results[QUESTIONS[-1]]["critic"] - results[1]["critic"]) / (QUESTIONS[-1] - 1)
    pulled = (results[QUESTIONS[-1]]["pull_critic"] - results[1]["pull_critic"]) / (QUESTIONS[-1] - 1)
    return ["## Questions, at 2,048 video tokens", "", runs.table(["questions", "critic, s", "its pull, s"], rows), "",
            f"An added question costs {added:.4f} s forward, {added / results[1]['critic']:.1%} of the critic's forward with one, "
            f"and {pulled:.4f} s in the pull, {pulled / results[1]['pull_critic']:.1%} of its."]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--drf", default=runs.BINARY)
    parser.add_argument("--updates", type=runs.count, default=2)
    parser.add_argument("--threads", type=runs.count, default=2)
    parser.add_argument("--out", default=runs.ROOT / f"bench/results/{datetime.date.today()}-scaling.md")
    options = parser.parse_args()
    if not runs.has_bench(options.drf):
        sys.exit(f"{options.drf} is not there or has no command `bench`")
    text = [f"# How an update grows, {datetime.date.today()}", "", f"{runs.machine()}; {options.threads} threads, float32.",
            f"Command: `python bench/scaling.py --part {' '.join(options.part)} --updates {options.updates}`.", ""]
    for part in options.part:
        with tempfile.TemporaryDirectory() as place:
            text += [*{"K": with_K, "frames": with_frames, "questions": with_questions}[part](options, pathlib.Path(place)), ""]
    runs.write(options.out, "\n".join(text))


if __name__ == "__main__":
    main()
