"""The first inputs of each kind of the fuzzer (tests/fuzz; `make fuzz` runs 100,000)."""

import pytest

from tests.fuzz.kinds import KINDS

FEW = {"expressions": 600, "cells": 600, "models": 60, "tables": 60, "case types": 8}


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_in_is_refused_in_words_or_runs(kind):
    outcomes = [KINDS[kind].judge(2, number) for number in range(FEW[kind])]
    assert any(outcome.startswith("taken") for outcome in outcomes), "the inputs are all nonsense"
    assert any(outcome.startswith("refused") for outcome in outcomes), "the inputs are all sound"


def test_the_same_number_is_the_same_input():
    for kind in KINDS.values():
        assert kind.make(2, 5) == kind.make(2, 5)
