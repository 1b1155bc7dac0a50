"""Judges plots for another process (``apart.py``): pickled settings come in first, then plots; for each plot its findings
go out."""

import pickle
import sys

from engine.exchange.checks.ground.judge import judge


def main() -> None:
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    settings = pickle.load(source)
    while True:
        try:
            packed = pickle.load(source)
        except EOFError:
            return
        pickle.dump(judge(packed.opened(), settings), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    main()
