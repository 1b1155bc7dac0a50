"""What forms begin with before anything is typed."""

from engine.domain.case_type import CaseType
from engine.queries.form_options import addressees_known
from engine.settings import ROOT
from engine.store.versions import read_folder
from forms import load


def test_each_service_begins_with_whom_it_is_for():
    case_type = CaseType(read_folder(ROOT / "processes" / "dispute_arbitration"))
    joined = [{"kind": "agent", "name": "李律师"}, {"kind": "third_party", "name": "丙村"}]
    variables = {
        "application": {"respondents": [{"name": "乙"}, {"name": "丁"}]},
        "participants": {"rows": joined},
    }
    known = addressees_known(case_type, variables, "甲")
    begins = {}
    for name in ("serve_respondent", "send_answer_copy", "send_counter_claim", "notify_panel", "serve_award", "serve_mediation"):  # fmt: skip
        form = load(case_type.form_source(name), case_type.lists)
        [served] = [view for view in form.view(None, {}, "zh", {"known": known}) if view.name == "served"]
        begins[name] = [row[0].value for row in served.rows]
    everybody = ["甲", "乙", "丁", "丙村"]
    assert begins == {
        "serve_respondent": ["乙", "丁"],
        "send_answer_copy": ["甲"],
        "send_counter_claim": ["甲"],
        "notify_panel": everybody,
        "serve_award": everybody,
        "serve_mediation": everybody,
    }
