"""登记原因: what the real-estate registry is told a registration is for."""

from types import SimpleNamespace

import pytest

from engine.domain.case_type import CaseType
from engine.operations.registry import reason_of
from engine.settings import ROOT
from engine.store.versions import read_folder


@pytest.mark.parametrize(
    ("case_type", "application", "kind", "reason"),
    [
        ("contract_change", {"kind": "split", "reason": "儿子成家"}, "change", "分户"),
        ("contract_change", {"kind": "extinction"}, "cancel", "承包方消亡"),
        ("contract_signing", {}, "change", "承包合同重新签订"),
        ("contract_signing", {}, "first", "家庭承包，签订承包合同"),
        ("certificate_change", {"reason": "水浸"}, "replace", "水浸"),
    ],
)
def test_a_change_is_told_by_its_kind(case_type, application, kind, reason):
    read = CaseType(read_folder(ROOT / "processes" / case_type))
    work = SimpleNamespace(case_type=read, data={read.start_variable: application})
    assert reason_of(work, kind) == reason
