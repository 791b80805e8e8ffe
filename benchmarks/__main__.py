"""Measure everything, print the table, and keep it beside this file as JSON and Markdown."""

import argparse
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.exploring import exploring
from benchmarks.keyed import on_stand_ins
from benchmarks.kit import held_to_the_contract
from benchmarks.projects import collecting, empty_tests, starting
from benchmarks.resets import resetting
from benchmarks.servers import on_servers, workers
from benchmarks.timing import Figure
from benchmarks.verbs import in_memory, on_sqlite

HERE = Path(__file__).parent


def measured(runs: int) -> list[Figure]:
    small, large = collecting(4_000 // 3, runs), collecting(40_000 // 3, max(runs // 3, 1))
    return [
        *collecting(1_000, runs),
        *small,
        *large,
        growth(small[0], large[0]),
        empty_tests(3_000, runs),
        in_memory(runs),
        *on_sqlite(runs),
        *resetting(runs),
        starting(runs * 3),
        *on_servers(runs),
        *on_stand_ins(runs),
        *exploring(runs),
        *held_to_the_contract(max(runs // 3, 1)),
        workers(max(runs // 3, 1)),
    ]


def growth(small: Figure, large: Figure) -> Figure:
    """Whether the ratio stays as it is when the items grow tenfold."""
    ratio = large.ratio / small.ratio
    what, floor = "the ratio of the time to collect 40,000 items", "the ratio for 4,000"
    return Figure(what, floor, "×", large.ratio, small.ratio, ratio, ratio, ratio, 1.0, large.runs)


def table(figures: list[Figure]) -> str:
    lines = [
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}; medians, the two sides in turn.",
        "",
        "| what | beside | ours | floor | ratio (lowest to highest) | at most | runs |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for figure in figures:
        verdict = "" if figure.holds else " **over**"
        lines.append(
            f"| {figure.what} | {figure.floor} | {figure.ours_median:.3g} {figure.unit} | {figure.floor_median:.3g}"
            f" {figure.unit} | {figure.ratio:.2f} ({figure.lowest:.2f} to {figure.highest:.2f}) | {figure.at_most}{verdict}"
            f" | {figure.runs} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each side (default: 5)")
    figures = measured(parser.parse_args().runs)
    text = table(figures)
    print(text, end="")
    (HERE / "result.md").write_text(text, encoding="utf-8")
    (HERE / "result.json").write_text(
        json.dumps([asdict(figure) for figure in figures], indent=1) + "\n", encoding="utf-8"
    )
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
