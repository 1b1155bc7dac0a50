"""The scan of a contract that was signed on paper: is it of this contract, whole and readable?"""

from typing import Any
from uuid import UUID

from engine.domain.errors import Invalid, Refused
from engine.domain.said import say
from engine.domain.scans import Page, Wanted, faults
from engine.operations.work import Work
from engine.store.papers import find_paper, issued_paper
from engine.store.tables.cases import Paper

FIELD = "papers-signed_contract"
NOT_READ = say("这份扫描件没有读过，请重新上传")


def check_scan(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Input: form (default sign_contract), whose files of kind signed_contract are judged, all together in order.

    Result: {pages, dpi}: how many pages, the least sharpness. The contract's code was read on every one of them.
    Raises Invalid at the form's field, in the words of whoever has to scan again.
    """
    answers = work.data.get(inputs.get("form", "sign_contract")) or {}
    contract = issued(work, "contract")
    pages: list[Page] = []
    for file_id in (answers.get("papers") or {}).get("signed_contract") or []:
        paper = find_paper(work.session, work.case.county, UUID(file_id))
        if paper is None or "scan" not in paper.facts:
            raise Invalid({FIELD: [NOT_READ]})
        pages += [Page.read(row) for row in paper.facts["scan"]]
    code = contract.verify_code or ""
    dpi = int(work.case_type.value("scan_dpi", work.today))
    wanted = Wanted(contract.facts.get("pages"), code, dpi, bool(contract.facts.get("numbered")))
    found = faults(pages, wanted)
    if found:
        raise Invalid({FIELD: list(found)})
    return {"pages": len(pages), "dpi": min(page.dpi for page in pages)}


def issued(work: Work, kind: str) -> Paper:
    """The case's newest paper of that kind, printed. Refused while it is being drawn."""
    paper = issued_paper(work.session, work.case.county, work.case.id, kind)
    if paper is None or paper.status != "ready":
        raise Refused("not_printed", "合同文本还在生成，请过一会儿再试")
    return paper
