"""Where the time of an update goes, kernel by kernel: a summary of what `drf bench --trace FILE` recorded.

    python3 bench/kernels.py TRACE.json [--stage rollout] [--top 25]

For each stage the seconds in which some kernel ran (the rest is waiting), and the kernels that took most. On a CPU the operators
take the kernels' place, without what they call. Needs Python alone.
"""

import argparse
import bisect
import collections
import json
import re


def read(path):
    """(stages: [(end, name)] in order, events: [(begin, seconds, name)]) in seconds."""
    with open(path, encoding="utf-8") as file:
        events = [e for e in json.load(file)["traceEvents"] if e.get("ph") == "X" and "dur" in e]
    stages = sorted((e["ts"] / 1e6, e["name"].removeprefix("end of ")) for e in events if e["name"].startswith("end of "))
    # Each mark comes twice where a GPU records its annotations too: the host's is the one that waited.
    kernels = [e for e in events if e.get("cat") in ("kernel", "gpu_memcpy", "gpu_memset")]
    if kernels:
        stages = sorted((e["ts"] / 1e6, e["name"].removeprefix("end of ")) for e in events
                        if e["name"].startswith("end of ") and e.get("cat") == "user_annotation") or stages
        return stages, [(e["ts"] / 1e6, e["dur"] / 1e6, short(e["name"])) for e in kernels]
    return stages, own_times([e for e in events if e.get("cat") == "cpu_op"])


def own_times(operators):
    """Operators without the time of those that run inside them."""
    found, open_ = [], {}
    for e in sorted(operators, key=lambda e: (e["ts"], -e["dur"])):
        stack = open_.setdefault(e["tid"], [])
        while stack and stack[-1][0] <= e["ts"]:
            stack.pop()
        entry = [e["ts"] / 1e6, e["dur"] / 1e6, e["name"]]
        if stack:
            stack[-1][1][1] -= entry[1]
        stack.append((e["ts"] + e["dur"], entry))
        found.append(entry)
    return [tuple(entry) for entry in found]


def short(name):
    """A kernel's name without most of its template arguments."""
    name = re.sub(r"^void |at::native::|\(anonymous namespace\)::|<unnamed>::|c10::|std::", "", name)
    return name if len(name) < 110 else name[:70] + " ... " + name[-35:]


def busy(intervals):
    total, until = 0.0, float("-inf")
    for begin, seconds in sorted(intervals):
        end = begin + seconds
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace")
    parser.add_argument("--stage", help="only this one")
    parser.add_argument("--top", type=int, default=15)
    options = parser.parse_args()
    stages, events = read(options.trace)
    ends = [end for end, _ in stages]
    by_stage = collections.defaultdict(list)
    for event in events:
        place = bisect.bisect_left(ends, event[0])
        by_stage[stages[place][1] if place < len(stages) else "after"].append(event)
    for stage, found in by_stage.items():
        if options.stage not in (None, stage):
            continue
        sums = collections.Counter()
        counts = collections.Counter()
        for _, seconds, name in found:
            sums[name] += seconds
            counts[name] += 1
        total = sum(sums.values())
        print(f"\n{stage}: {busy([e[:2] for e in found]):.4f} s busy, {len(found)} kernels, {total:.4f} s together")
        for name, seconds in sums.most_common(options.top):
            print(f"  {seconds:9.4f} s {100 * seconds / total:5.1f} % {counts[name]:6d} x {1e6 * seconds / counts[name]:9.1f} us  {name}")


if __name__ == "__main__":
    main()
