"""The kinds of inputs, how many of each, and who judges them. 100,000 in all."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from tests.fuzz import files, oracle, texts


@dataclass(frozen=True)
class Kind:
    """`make` gives the input of a number; `judge` what became of it, or raises."""

    count: int
    make: Callable[[int, int], Any]
    judge: Callable[[int, int], str]


def _dice(seed: int, number: int) -> Random:
    return Random(f"{seed} {number}")


_models = cache(files.models)
_case_type = cache(files.case_type_files)


def _kind(count: int, make: Callable[[Random], Any], judge: Callable[[Any, Random], str]) -> Kind:
    def judged(seed: int, number: int) -> str:
        dice = _dice(seed, number)
        return judge(make(dice), dice)

    return Kind(count, lambda seed, number: make(_dice(seed, number)), judged)


KINDS = {
    "expressions": _kind(50_000, texts.expression, lambda text, dice: oracle.of_expression(text)),
    "cells": _kind(20_000, texts.cell, lambda text, dice: oracle.of_cell(text)),
    "models": _kind(20_000, lambda dice: files.model(dice, _models()), oracle.of_model),
    "tables": _kind(8_000, files.table, oracle.of_model),
    "case types": _kind(
        2_000, lambda dice: files.case_type(dice, _case_type()), lambda made, dice: oracle.of_case_type(made)
    ),
}
