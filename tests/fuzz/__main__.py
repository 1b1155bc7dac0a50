"""`python -m tests.fuzz [--share 1.0] [--seed 1] [--only KIND] [--at NUMBER]`: run the inputs, tell what became of them."""

import argparse
import sys
import time
import traceback
from collections import Counter
from typing import Any

from tests.fuzz.kinds import KINDS, Kind


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.fuzz")
    words.add_argument("--share", type=float, default=1.0, help="of the 100,000 inputs")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", choices=KINDS)
    words.add_argument("--at", type=int, help="show the one input of this number")
    wanted = words.parse_args()
    names = [wanted.only] if wanted.only else list(KINDS)
    if wanted.at is not None:
        print(KINDS[names[0]].make(wanted.seed, wanted.at))
        return 0
    total = found = 0
    for name in names:
        kind = KINDS[name]
        count = max(1, int(kind.count * wanted.share))
        findings = run(name, kind, count, wanted.seed)
        total, found = total + count, found + findings
    print(f"{total:,} inputs, seed {wanted.seed}: {found} findings")
    return 1 if found else 0


def run(name: str, kind: Kind, count: int, seed: int) -> int:
    outcomes: Counter[str] = Counter()
    findings, slowest, began = 0, (0.0, 0), time.monotonic()
    for number in range(count):
        started = time.monotonic()
        try:
            outcomes[kind.judge(seed, number)] += 1
        except Exception:
            findings += 1
            print(f"FINDING {name} {number}:", *traceback.format_exc().splitlines()[-8:], sep="\n    ")
        slowest = max(slowest, (time.monotonic() - started, number))
    spent = time.monotonic() - began
    told: Any = ", ".join(f"{what} {n:,}" for what, n in outcomes.most_common())
    print(
        f"{name}: {count:,} in {spent:.0f} s, slowest {slowest[0] * 1000:.0f} ms (number {slowest[1]}); {told}"
    )
    sys.stdout.flush()
    return findings


if __name__ == "__main__":
    sys.exit(main())
