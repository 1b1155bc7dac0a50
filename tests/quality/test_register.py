"""The rules on the register: a clean county, a planted flaw, what a second run makes of what it no longer finds."""

import pytest
from sqlalchemy import select, text

from engine.commands.trial import COUNTY
from engine.store.tables.quality import QualityFinding
from engine.usecases.check_register import check_register

VILLAGES = 12


def test_the_demonstration_county_is_clean(running):
    checked = check_register(running, COUNTY, "", "测试")
    assert [(f.rule, f.table, f.record, f.field, f.message) for f in checked.findings] == []
