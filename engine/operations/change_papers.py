"""Papers that a change issues once for each household."""

from typing import Any

from engine.operations.change_context import before_and_after
from engine.operations.documents import issue_document
from engine.operations.proposing import summary
from engine.operations.work import Work


def issue_contracts(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs as of issue_document. One paper for every contract that is new or different after the changes.

    Result: {papers: [{contractor, number}]}.
    """
    now, _ = before_and_after(work)
    found = []
    for code in summary(work.changes(), now)["contracts"]:
        issued = issue_document(work, inputs | {"contractor": code})
        found.append({"contractor": code, "number": issued["number"]})
    return {"papers": found}
