"""One update of drf beside the Python peer's and our own plain flow's, on the same models, as a Markdown table.

    ninja -C build drf plain_update
    python bench/compare.py --set mid|long [--drf BINARY] [--repeats 3] [--models DIR] [--out FILE]

The programs run by turns, each time in a process of its own, with a warm-up update that is not counted: what else the
machine does falls on all of them. What is not built is left out, and the page says so.
"""

import argparse
import datetime
import statistics
import tempfile

import make_models
import runs

UPDATES = 2  # a process: one to warm up, one that counts
EXPERT = "peer, all questions in one batch"
ONE = "peer, one question a forward"
PLAIN = "plain flow (plain_update.cpp): drf's operations in one graph"
OURS = {"drf, flow.recompute = none": "none", "drf, flow.recompute = block": "block"}


def commands(options, config):
    found = {EXPERT: runs.peer_command(config, options.threads, "--updates", UPDATES),
             ONE: runs.peer_command(config, options.threads, "--updates", UPDATES, "--questions", "one")}
    if runs.PLAIN.exists():
        found[PLAIN] = [runs.PLAIN, config, UPDATES, options.threads]
    if runs.has_bench(options.drf):
        for name, recompute in OURS.items():
            found[name] = runs.drf_command(options.drf, config, options.threads, UPDATES, {"flow.recompute": recompute})
    return found


def measure(found, repeats):
    results = {name: [] for name in found}
    for _ in range(repeats):
        for name, command in found.items():
            results[name].append(runs.run(command))
    return results


def counted(name, result):
    """Seconds of the updates after the first. The peer lists its warm-up apart, drf bench does not."""
    return result["update_s"][-1:] if name in OURS else result["update_s"]


def summary(results):
    """name -> (median s, least s, largest peak above the weights, reward of the first update)"""
    found = {}
    for name, list_of in results.items():
        seconds = [s for result in list_of for s in counted(name, result)]
        peak = max(result["peak_above_weights"] for result in list_of)
        found[name] = statistics.median(seconds), min(seconds), peak, list_of[0]["reward"]
    return found


def page(options, found, results):
    numbers = summary(results)
    median, least, peak, _ = numbers[EXPERT]
    rows = [[name, f"{m:.2f}", f"{s:.2f}", f"{median / m:.2f}", f"{least / s:.2f}", f"{p / runs.MIB:.0f}",
             f"{p / peak:.2f}", f"{r:.5f}"] for name, (m, s, p, r) in numbers.items()]
    text = [f"# One update, {options.set} models, {datetime.date.today()}", "",
            f"{runs.machine()}; {options.threads} threads, float32. {options.repeats} processes each, by turns.", "",
            runs.table(["", "s, median", "s, least", "x expert, median", "x expert, least", "peak above weights, MiB",
                        "of expert's", "R"], rows), "",
            f"All processes with `{runs.SETTINGS}`. x expert: how many times as fast as the first row. "
            "Seconds of the stages (the median process):", ""]
    for name, list_of in results.items():
        if name == PLAIN:
            continue
        middle = sorted(list_of, key=lambda result: counted(name, result)[0])[len(list_of) // 2]
        text.append(f"- {name}: " + ", ".join(f"{stage} {s:.2f}" for stage, s in middle["stages"].items()))
    if not set(OURS) & set(results):
        text += ["", f"drf is missing: {options.drf} is not there or has no command `bench`."]
    if PLAIN not in results:
        text += ["", f"The plain flow is missing: {runs.PLAIN} is not built."]
    text += ["", f"Models: `python bench/make_models.py --set {options.set} --out DIR --seed {options.seed}`. Commands:",
             "", "```sh", *(f"{runs.SETTINGS} {runs.spelled(command)}" for command in found.values()), "```", ""]
    return "\n".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=make_models.SETS, default="mid")
    parser.add_argument("--drf", default=runs.BINARY)
    parser.add_argument("--repeats", type=runs.count, default=3)
    parser.add_argument("--threads", type=runs.count, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", help="folder to make them in, a temporary one if not given")
    parser.add_argument("--out", help="default bench/results/DATE-update.md, -update-long.md for long")
    options = parser.parse_args()
    out = options.out or runs.ROOT / "bench/results" / (
        f"{datetime.date.today()}-update{'' if options.set == 'mid' else '-' + options.set}.md")
    with tempfile.TemporaryDirectory() as place:
        config = make_models.make(options.set, options.models or place, options.seed)
        found = commands(options, config)
        results = measure(found, options.repeats)
    runs.write(out, page(options, found, results))


if __name__ == "__main__":
    main()
