"""`make bench`: every figure beside its baseline, in the same run, turn by turn. See docs/benchmarks.md."""
