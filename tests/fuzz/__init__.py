"""Seeded fuzzing of everything that reads what people write: expressions, cells, models, tables, YAML.

`python -m tests.fuzz` (make fuzz) runs 100,000 inputs; `tests/bpmn/test_fuzz.py` the first few hundred of each.
The same seed gives the same inputs, so a finding is its kind and its number.
"""
