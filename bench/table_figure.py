#!/usr/bin/env python
"""The table's runs as curves: what the oracle, the judge and the critic itself say along the way, a panel a method, a thin line a seed and a
thick one their mean, with the untrained base as a line.

    python bench/table_figure.py [--world scenes] [-o docs/images/table.svg]         # needs matplotlib
"""

import argparse
import json
import statistics
import sys

from table import FIVE, ROOT, folder_of, of_one_world

TITLES = {"ours": "ours (K = 3)", "draft-lv": "DRaFT-LV", "refl": "ReFL", "vanilla-drf": "Vanilla-DRF (K = 1)",
          "reward-score-matching": "score matching", "flow-grpo": "Flow-GRPO"}
ROWS = {"TA": "text alignment\n(oracle)", "phys": "physics\n(oracle)", "p_right/judge": "judge's\np(right answer)", "p_yes": "critic's p(yes),\ntrained on"}


def curve(row, column):
    points = [(0, row["base"][column])] + [(p["updates"], p["columns"][column]) for p in row["curve"]] + [(row["updates"], row["after"][column])]
    return zip(*points)


def draw(rows_of, out):
    try:
        import matplotlib
    except ImportError:
        sys.exit("table_figure.py: needs matplotlib (pip install matplotlib)")
    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.hashsalt": "table", "font.size": 8, "axes.spines.top": False, "axes.spines.right": False}
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(len(ROWS), len(rows_of), figsize=(1.75 * len(rows_of), 1.45 * len(ROWS)), sharex=True, sharey="row", squeeze=False,
                                     layout="constrained")
    for panel, (method, rows) in zip(panels.T, rows_of.items()):
        for axes, column in zip(panel, ROWS):
            curves = [tuple(map(list, curve(row, column))) for row in rows]
            for at, values in curves:
                axes.plot(at, values, color="#5b8db8", linewidth=.7)
            axes.plot(curves[0][0], [statistics.fmean(values) for values in zip(*(v for _, v in curves))], color="#174a7c", linewidth=2)
            axes.axhline(statistics.fmean(row["base"][column] for row in rows), color="#999999", linewidth=1)
            guided = [row["untrained"].get("base, guidance 6", {}).get(column) for row in rows]
            if None not in guided:
                axes.axhline(statistics.fmean(guided), color="#999999", linewidth=1, linestyle=":")
        panel[0].set_title(f"{TITLES.get(method, method)}, {len(rows)} seed{'s' * (len(rows) > 1)}", fontsize=8)
        panel[-1].set_xlabel("updates")
    for axes, name in zip(panels[:, 0], ROWS.values()):
        axes.set_ylabel(name)
    figure.savefig(out, facecolor="white", metadata={"Date": None})
    print(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", default="scenes", choices=["tiny", "scenes"])
    parser.add_argument("-o", "--output", default=ROOT / "docs/images/table.svg")
    o = parser.parse_args()
    rows_of = {}
    for method in FIVE:
        rows = [json.loads(path.read_text()) for path in sorted(folder_of(o.world).glob(f"{method}-s*.json"))]
        if rows:
            rows_of[method] = rows
    if not rows_of:
        sys.exit(f"{folder_of(o.world)} has no runs: python bench/table.py run --world {o.world}")
    of_one_world([row for rows in rows_of.values() for row in rows])
    draw(rows_of, o.output)


if __name__ == "__main__":
    main()
