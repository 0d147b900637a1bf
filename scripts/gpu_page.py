"""What scripts/gpu_suite.sh writes on its page of the JSON lines that its parts leave behind, as Markdown on stdout:

    gpu_page.py bench NAME PLAN BENCH                # a table of stages, measured beside planned
    gpu_page.py peer PEER BENCH                      # the peer's update, beside drf's where that was measured
    gpu_page.py demos TYPE SEED FILE_WITHOUT_END ...  # the oracle's verdicts
"""

import json
import statistics
import sys

COLUMNS = ("TA", "phys", "clean", "p_yes", "p_right/judge")


def last_object(path):
    """The last JSON object of a file, None where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.loads([line for line in file if line.startswith("{")][-1])
    except (OSError, IndexError):
        return None


def bench(name, plan_file, bench_file):
    measured, plan = last_object(bench_file), last_object(plan_file)
    planned = {stage["stage"]: stage["peak"] / 2**30 for stage in plan["stages"]} if plan else {}
    print(f"\n  {name}: update {statistics.median(measured['update_s']):.2f} s, reward {measured['reward']:.4f}, at most "
          f"{measured['peak_bytes'] / 2**30:.2f} GiB; bfloat16 products {measured['matmul_gflops'] / 1000:.0f} TFLOP/s\n")
    print("  | stage | seconds | GiB measured | GiB planned |\n  |---|---:|---:|---:|")
    for stage, seconds in measured["stages"].items():
        print(f"  | {stage} | {seconds:.2f} | {measured['stage_peaks'][stage] / 2**30:.2f} | {planned.get(stage, float('nan')):.2f} |")
    print()


def peer(peer_file, bench_file):
    measured, ours = last_object(peer_file), last_object(bench_file)
    if "out_of_memory" in measured:
        print(f"\n  The peer's update ends in {measured['out_of_memory']['stage']}: {measured['out_of_memory']['message']}\n")
        return
    seconds, peak = statistics.median(measured["update_s"]), measured["peak_bytes"]
    stages = ", ".join(f"{stage} {s:.2f}" for stage, s in measured["stages"].items())
    print(f"\n  The peer: update {seconds:.2f} s ({stages}), at most {peak / 2**30:.2f} GiB, decoder "
          f"{'recomputed' if measured['checkpoint_decoder'] else 'kept'}.")
    if ours:
        print(f"  drf in {statistics.median(ours['update_s']) / seconds:.3f} of its time at {ours['peak_bytes'] / peak:.3f} of its memory.")
    print()


def demos(*runs):
    print("\n  | type | seed | seconds | " + " | ".join(COLUMNS) + " |\n  |---|" + "---:|" * (2 + len(COLUMNS)))
    for kind, seed, name in zip(*[iter(runs)] * 3):
        run = last_object(name + ".json")
        if run:
            print(f"  | {kind} | {seed} | {run['seconds']:.0f} | " + " | ".join(f"{run['base'][c]:.3f} to {run['after'][c]:.3f}" for c in COLUMNS) + " |")
            continue
        with open(name + ".log", encoding="utf-8") as file:
            print(f"  | {kind} | {seed} | not finished: {' '.join(file.read().split())[-160:]} |")
    print()


if __name__ == "__main__":
    {"bench": bench, "peer": peer, "demos": demos}[sys.argv[1]](*sys.argv[2:])
