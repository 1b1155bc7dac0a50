"""The scan of the contracts that were signed on paper: is it of these contracts, whole and readable?"""

from typing import Any
from uuid import UUID

from engine.domain.errors import Invalid, Refused
from engine.domain.said import say
from engine.domain.scans import Page, Wanted, faults
from engine.domain.signing import COUNTER, PHONE
from engine.operations.work import Work
from engine.store.papers import find_paper, issued_for, issued_paper
from engine.store.tables.cases import Paper

FIELD = "papers-signed_contract"
NOT_READ = say("这份扫描件没有读过，请重新上传")
ON_PAPER = say("这次要签的合同不止本户一份，只能纸质签订，请改选纸质签订并上传扫描件")


def check_scan(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Input: form (default sign_contract), whose files of kind signed_contract are judged, all together in order.

    Result: {pages, dpi}: how many pages, the least sharpness. The contract's code was read on every one of them.
    Raises Invalid at the form's field, in the words of whoever has to scan again.
    """
    answers = work.data.get(inputs.get("form", "sign_contract")) or {}
    if answers.get("way") in (COUNTER, PHONE):
        raise Invalid({"way": [ON_PAPER]})
    contracts = all_issued(work, "contract")
    pages: list[Page] = []
    for file_id in (answers.get("papers") or {}).get("signed_contract") or []:
        paper = find_paper(work.session, work.case.county, UUID(file_id))
        if paper is None or "scan" not in paper.facts:
            raise Invalid({FIELD: [NOT_READ]})
        pages += [Page.read(row) for row in paper.facts["scan"]]
    found = faults(
        pages, [_wanted(paper) for paper in contracts], int(work.case_type.value("scan_dpi", work.today))
    )
    if found:
        raise Invalid({FIELD: list(found)})
    return {"pages": len(pages), "dpi": min(page.dpi for page in pages)}


def _wanted(contract: Paper) -> Wanted:
    told = (contract.context or {}).get("contractor") or {}
    numbered = bool(contract.facts.get("numbered"))
    return Wanted(contract.facts.get("pages"), contract.verify_code or "", numbered, told.get("name", ""))


def issued(work: Work, kind: str) -> Paper:
    """The case's newest paper of that kind, printed. Refused while it is being drawn."""
    return printed(issued_paper(work.session, work.case.county, work.case.id, kind))


def all_issued(work: Work, kind: str) -> list[Paper]:
    """The newest of that kind for each household, printed: a change issues one contract for each that has one after it.

    What an earlier round issued for a household that no longer gets one does not count.
    """
    wanted = (work.data.get("propose_changes") or {}).get("contracts")
    if wanted is None:
        return [issued(work, kind)]
    papers = issued_for(work.session, work.case.county, work.case.id, kind)
    return [printed(papers.get(code)) for code in wanted]


def printed(paper: Paper | None) -> Paper:
    if paper is None or paper.status != "ready":
        raise Refused("not_printed", "合同文本还在生成，请过一会儿再试")
    return paper
