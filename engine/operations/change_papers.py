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
    return each(work, inputs, summary(work.changes(), now)["contracts"])


def issue_to_each(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs as of issue_document, and ``for``: certificates (households whose certificate was printed), farmland
    (those whose changed contract has permanent basic farmland). Result as of issue_contracts.
    """
    if inputs["for"] == "certificates":
        codes = [one["contractor"] for one in work.data["record_receipt"]["certificates"]]
    else:
        codes = work.data["file_changes"]["farmland"]
    return each(work, inputs, codes)


def each(work: Work, inputs: dict[str, str], codes: list[str]) -> dict[str, Any]:
    found = []
    for code in codes:
        issued = issue_document(work, inputs | {"contractor": code})
        found.append({"contractor": code, "number": issued["number"]})
    return {"papers": found}
