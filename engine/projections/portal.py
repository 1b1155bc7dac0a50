"""Whatever changes about a case, the portal's view of it is published anew."""

from engine.domain import events
from engine.operations.publishing import say_later
from engine.operations.work import Work


def tell_portal(work: Work) -> None:
    """One row, even when a command changes much: the publisher reads the case as it then stands."""
    work.later("publish_case", {"case": work.case.number})


def tell_step(work: Work) -> None:
    """Whoever applied reads in the portal that the case went on to another office, in the case type's own words."""
    kinds = {fact.kind for fact in work.happened}
    if work.case.applicant is None or events.CASE_STARTED in kinds or events.CASE_ENDED in kinds:
        return
    for fact in work.happened:
        words = work.case_type.statuses.get(fact.element or "", {})
        if fact.kind == events.TASK_OPENED and fact.payload.get("role") != "applicant" and words.get("text"):
            say_later(work, "step", {"said": words["text"]})
