#!/usr/bin/env python
"""The table of methods in a world with an oracle: the untrained base at several guidances and steps, and each method trained over
seeds, judged along the way by the oracle. One file a run; what is there is not run again, and what was
interrupted goes on where it was.

    python bench/table.py run [--world scenes] [--methods base ours refl ...] [--seeds 5] [--updates 600] [--every 100] [--at-once 2]
                                        [--device cuda]
    python bench/table.py show [--world scenes]           # Markdown: mean over seeds with its 95 % interval; along the way; at equal cost

Runs are `drf demo --recipe FILE --judge-every N --json`: FILE is the world's recipe with what configs/methods/METHOD.toml sets
otherwise than configs/tiny.toml, so that reward, data, learning rate and guidance are the world's for all; a validation every 20
updates is what the guards see. The method `base` is what `BASES` lists, judged before one update whose outcome is not read; `ours-guidance1` is ours
sampled, trained and judged without guidance.
"""

import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tomllib

from runs import BINARY, ENVIRONMENT, ROOT, count, spelled

METHODS = ROOT / "configs/methods"
UNGUIDED = "ours-guidance1"
TWO_GROUPS = 8  # clips an update of a method that compares those of a prompt, where the others have the demo's 4: two prompts'
FIVE = ("ours", "draft-lv", "refl", "vanilla-drf", "reward-score-matching", "flow-grpo")
# The base model where users sample, beside the world's own guidance and those that every demo shows.
BASES = {"base-guidance2": {"guidance": 2.0}, "base-guidance3": {"guidance": 3.0}, "base-steps16": {"steps": 16}, "base-steps32": {"steps": 32}}
# Two-sided 95 % quantiles of Student's t by degrees of freedom.
T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def read(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def recipe_of(method, world):
    """The world's recipe, changed where the method's differs from the tiny world's."""
    tiny, own = (read(ROOT / f"configs/{name}.toml") for name in ("tiny", f"methods/{method}"))
    result = read(ROOT / f"configs/{world}.toml")
    for section in sorted(set(tiny) | set(own)):
        before, after = tiny.get(section, {}), own.get(section, {})
        if before == after or section == "output":
            continue
        if not isinstance(after, dict) or section == "flow":  # which steps train belongs together: a K that is the tiny world's too is the method's
            result[section] = after
            continue
        for key in set(before) - set(after):
            result.get(section, {}).pop(key, None)
        for key, value in after.items():
            if before.get(key) != value:
                result.setdefault(section, {})[key] = value
    if result["flow"].get("rule") == "matching" and result["sampling"]["guidance"] > 1:
        result.setdefault("matching", {})["branches"] = "guided"  # as its paper does (docs/methods.md)
    if result["flow"].get("rule") == "policy_gradient":
        result.get("reward", {}).pop("odds", None)  # how a gradient is weighted: this rule takes none
        result["train"]["batch"] = TWO_GROUPS
    return result


def toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


def written(recipe):
    lines = [f"{key} = {toml(value)}" for key, value in recipe.items() if not isinstance(value, dict)]
    for section, keys in recipe.items():
        if isinstance(keys, dict):
            lines += [f"[{section}]"] + [f"{key} = {toml(value)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


def models_of(world, recipe):
    """A digest of the world's bundled models and questions, and of the recipe's critic: rows of others are another world's."""
    digest = hashlib.sha256()
    for folder in (ROOT / "assets" / world, ROOT / recipe["critic"]["path"]):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def of_one_world(rows):
    """Ends the command where the rows are of different models."""
    of_digest = {}
    for row in rows:
        of_digest.setdefault(row.get("models"), []).append(row["command"])
    if len(of_digest) > 1:
        few = min(of_digest.values(), key=len)
        sys.exit(f"rows of {len(of_digest)} different sets of this world's models are not compared: move the others away, such as that of\n  {few[0]}")


def commit():
    """What the tree was at the end of a run, which another program may have begun."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def begun(folder, recipe_file, text):
    """Whether `folder` has a run of this recipe and these options that was interrupted; one that has ended has its report."""
    if not (folder / "config.toml").exists() or (folder / "report.html").exists():
        return False
    return recipe_file.exists() and recipe_file.read_text() == text


def demo(world, out, seed, recipe, *more, device="cpu"):
    """Runs one demo into the file `out`, unless it is there; its recipe and what else it leaves go to the same place under runs/, from where it
    goes on if it was interrupted."""
    models = models_of(world, recipe)
    if out.exists():
        there = json.loads(out.read_text())
        asked = [str(part) for part in more]
        if there.get("models") != models:
            return f"{out.name}: was run with other models of this world; move it away to run it anew"
        if there["command"].endswith(" ".join(asked)) and there["recipe"] == written(recipe):
            return f"{out.name}: is there"
        return f"{out.name}: was run otherwise ({there['command']}); move it away to run it anew"
    folder = ROOT / "runs" / out.parent.relative_to(ROOT / "bench/results") / out.stem
    for parent in (folder.parent, out.parent):
        parent.mkdir(parents=True, exist_ok=True)
    recipe_file = folder.with_suffix(".toml")
    text = f"# {' '.join(map(str, more))}, models {models}\n" + written(recipe)
    resume = begun(folder, recipe_file, text)
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
        recipe_file.write_text(text)
    devices_file = folder.with_suffix(".devices")
    devices = devices_file.read_text().split() if resume and devices_file.exists() else []
    devices += [device] * (device not in devices)
    devices_file.write_text(" ".join(devices) + "\n")
    command = [BINARY, "demo", "--world", world, "--recipe", recipe_file, "--seed", seed, "--threads", 1, "--device", device, "--json", "-o", folder,
               *more]
    command = [str(part) for part in command]
    done = subprocess.run(command + ["--resume"] * resume, cwd=ROOT, env=os.environ | ENVIRONMENT, capture_output=True, text=True)
    if done.returncode != 0:
        return f"{out.name}: exit code {done.returncode}: {done.stderr.strip().splitlines()[-1:]}" + f"; remove {folder} to begin it anew" * resume
    if models_of(world, recipe) != models:
        return f"{out.name}: the world's models changed while it ran; remove {folder} to run it anew"
    row = json.loads(done.stdout.strip().splitlines()[-1]) | {"command": spelled(command), "device": ", then ".join(devices), "recipe": written(recipe), "commit": commit(), "models": models}
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    row["generator_forwards"] = sum(line["generator_forwards"] for line in metrics)
    row["training_seconds"] = sum(line["seconds"] for line in metrics)
    row["validations"] = [line for line in metrics if any(key.startswith("held_out") for key in line)]
    part = out.with_suffix(".part")
    part.write_text(json.dumps(row) + "\n")
    part.rename(out)
    return f"{out.name}: TA {row['base']['TA']:.3f} -> {row['after']['TA']:.3f}, {row['seconds']:.0f} s"


def tried(job, device):
    try:
        return demo(*job, device=device)
    except Exception as e:  # one run's, which must not wait for all others to be told
        return f"{job[1].name}: {e!r}"


def demos(at_once, jobs, device):
    """demo() of each job's arguments on a device, so many at once; says what came of each. A signal to the process group ends it once the runs are saved."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        try:
            for ended in concurrent.futures.as_completed([pool.submit(tried, job, device) for job in jobs]):
                print(ended.result(), flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            sys.exit("interrupted: the same command goes on where its runs were")


def folder_of(world):
    return ROOT / "bench/results/table" / world


def jobs_of(world="scenes", methods=None, seeds=None, updates=600, every=100):
    """demo()'s arguments for each run of the table; every method's first seed comes before any second one: a table that is stopped is even."""
    jobs, known = [], ["base", *sorted(path.stem for path in METHODS.glob("*.toml")), UNGUIDED]
    unknown = set(methods or []) - set(known)
    if unknown:
        sys.exit(f"--methods: {', '.join(sorted(unknown))}: no such method; {', '.join(known)}")
    for method in methods or known:
        of_method = range(seeds or (5 if method in FIVE or method == "base" else 3))
        if method == "base":
            for name, sampling in BASES.items():
                recipe = read(ROOT / f"configs/{world}.toml")
                recipe["sampling"] |= sampling
                jobs += [(seed, name, recipe, ["--updates", 1]) for seed in of_method]
            continue
        recipe = recipe_of("ours" if method == UNGUIDED else method, world)
        if method == UNGUIDED:
            recipe["sampling"]["guidance"] = 1.0
        same = next((main for main in FIVE if main != method and recipe == recipe_of(main, world)), None)
        if same and method not in FIVE:
            print(f"{method}: in this world the same recipe as {same}", flush=True)
            continue
        recipe["train"] |= {"eval_every": 20}  # a guard's test of trend wants many
        recipe["eval"] = {"seeds": 2}
        jobs += [(seed, method, recipe, ["--updates", updates, "--judge-every", every]) for seed in of_method]
    jobs.sort(key=lambda job: job[0])
    return [(world, folder_of(world) / f"{method}-s{seed}.json", seed, recipe, *more) for seed, method, recipe, more in jobs]


def run(o):
    demos(o.at_once, jobs_of(o.world, o.methods, o.seeds, o.updates, o.every), o.device)


def interval(values):
    """Mean and half its 95 % interval over seeds; no interval of a single one."""
    if len(values) < 2:
        return statistics.fmean(values), math.nan
    quantile = T95.get(len(values) - 1, 2.262)  # beyond ten seeds that of ten: a little too wide
    return statistics.fmean(values), quantile * statistics.stdev(values) / math.sqrt(len(values))


def cell(values):
    mean, half = interval(values)
    return f"{mean:.3f}" + ("" if math.isnan(half) else f" +- {half:.3f}")


def show(o):
    by_method = {}
    for path in sorted(folder_of(o.world).glob("*-s*.json")):
        by_method.setdefault(path.stem.rsplit("-s", 1)[0], []).append(json.loads(path.read_text()))
    of_one_world([row for rows in by_method.values() for row in rows])
    bases = {name: by_method.pop(name) for name in BASES if name in by_method}
    unguided = by_method.pop(UNGUIDED, [])
    if not by_method:
        sys.exit(f"{folder_of(o.world)} has no run of a method: python bench/table.py run --world {o.world}")
    lengths = {row["updates"] for rows in by_method.values() for row in rows}
    if len(lengths) > 1:
        sys.exit(f"{folder_of(o.world)} has runs of {sorted(lengths)} updates, which are not compared")
    first = next(iter(by_method.values()))[0]
    if len({str([point["updates"] for point in row["curve"]]) for rows in by_method.values() for row in rows}) > 1:
        sys.exit(f"{folder_of(o.world)} has runs that were judged after other updates (--every), which are not compared")
    columns = [name for name in first["base"] if name != "p_yes"]  # a method may show its critic fewer frames

    def line(name, rows, part):
        print(f"| {name} | {len(rows)} | " + " | ".join(cell([part(row, c) for row in rows]) for c in columns) + " |")

    print("| | seeds | " + " | ".join(columns) + " |\n" + "|---" * (len(columns) + 2) + "|")
    of_seed = {row["seed"]: row for rows in by_method.values() for row in rows}.values()  # the base is the same for all methods
    line("base", of_seed, lambda row, c: row["base"][c])
    for name in first["untrained"]:
        line(name, of_seed, lambda row, c, name=name: row["untrained"][name][c])
    for name, rows in bases.items():
        line("base, " + name.removeprefix("base-").replace("guidance", "guidance ").replace("steps", "steps "), rows, lambda row, c: row["base"][c])
    for method, rows in sorted(by_method.items()):
        line(f"{method}, change", rows, lambda row, c: row["after"][c] - row["base"][c])
    if unguided:
        line("ours without guidance, change", unguided, lambda row, c: row["after"][c] - row["base"][c])
    along_the_way(first, by_method)
    at_equal_cost(by_method)


def on_cpu(rows):
    """Those whose seconds are compared: of a CPU from beginning to end."""
    return [row for row in rows if row.get("device", "cpu") == "cpu"]


def along_the_way(first, by_method):
    print("\nTA above the base's, along the way:\n")
    at = [point["updates"] for point in first["curve"]] + [first["updates"]]
    print("| updates | " + " | ".join(map(str, at)) + " | minutes | alarms |\n" + "|---" * (len(at) + 3) + "|")
    for method, rows in sorted(by_method.items()):
        points = [[point["columns"] for point in row["curve"]] + [row["after"]] for row in rows]
        cells = [cell([p[i]["TA"] - row["base"]["TA"] for p, row in zip(points, rows)]) for i in range(len(at))]
        minutes = f"{statistics.fmean(row['seconds'] for row in on_cpu(rows)) / 60:.1f}" if on_cpu(rows) else ""
        alarms = sum(any(key.startswith("alarm/") for key in line) for row in rows for line in row["validations"])
        print(f"| {method} | " + " | ".join(cells) + f" | {minutes} | {alarms} |")


def gained_at(row, updates):
    """TA above the base's after so many updates: on the line between the two points of the run's curve beside it."""
    curve = [(0, 0.0)] + [(point["updates"], point["columns"]["TA"] - row["base"]["TA"]) for point in row["curve"] + [
        {"updates": row["updates"], "columns": row["after"]}]]
    (low, before), (high, after) = next(pair for pair in zip(curve, curve[1:]) if min(updates, row["updates"]) <= pair[1][0])
    return before + (after - before) * (updates - low) / (high - low)


def at_equal_cost(by_method):
    """Each method where the one that had least of it ended: training time, generator forwards."""
    mean_of = {name: {method: statistics.fmean(row[name] / row["updates"] for row in on_cpu(rows))
                      for method, rows in by_method.items() if on_cpu(rows)}
               for name in ("training_seconds", "generator_forwards")}
    print("\nTA above the base's at equal cost (between points of the curve along a line; an update's seconds are those of a core that other work shared):\n")
    print("| | seconds an update | at equal time | forwards an update | at equal forwards |\n|---|---|---|---|---|")
    for method, rows in sorted(by_method.items()):
        if method not in mean_of["training_seconds"]:
            continue
        cells = []
        for name, each in mean_of.items():
            least = min(cost * by_method[other][0]["updates"] for other, cost in each.items())
            cells += [f"{each[method]:.2f}", cell([gained_at(row, least / each[method]) for row in rows])]
        print(f"| {method} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, act in (("run", run), ("show", show)):
        command = commands.add_parser(name)
        command.add_argument("--world", default="scenes", choices=["tiny", "scenes"])
        command.set_defaults(act=act)
        if name == "run":
            command.add_argument("--methods", nargs="+")
            command.add_argument("--seeds", type=count, help="default: five for the main methods, three for the rest")
            command.add_argument("--updates", type=count, default=600)
            command.add_argument("--every", type=count, default=100)
            command.add_argument("--at-once", type=count, default=2)
            command.add_argument("--device", default="cpu")
    o = parser.parse_args()
    o.act(o)


if __name__ == "__main__":
    main()
