"""The quality rules of delivery packages (domain rules F, S, A, U, R, T), in the order they are run."""

from collections.abc import Callable, Iterator

import numpy as np

from engine.exchange.checks import (
    attributes,
    dates,
    files,
    identity,
    references,
    shapes,
    structure,
    sums,
    unique,
)
from engine.exchange.checks.ground import check_ground
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, rules
from engine.exchange.package.model import PackageData

GROUND = "ground"  # what progress calls T03 and T05-T15
SEVERAL = ("R02",)  # rules whose check finds other rules' breaches too

Tell = Callable[[int, int, str], None]
Check = Callable[[PackageData, CheckSettings], Iterator[Finding]]

# Rule ids and the check that finds their breaches. F00, F04 and parts of F06, F08, S01, S02 and R12 are found
# while reading. Where one check serves several rules, it stands under the first.
CHECKS: tuple[tuple[str, Check], ...] = (
    ("F01", files.check_root),
    ("F02", files.check_folders),
    ("F03", files.check_names),
    ("F05", files.check_layers),
    ("F06", files.check_tables),
    ("F07", files.check_papers),
    ("F08", files.check_metadata),
    ("S01", structure.check_fields),
    ("S02", structure.check_texts),
    ("S03", structure.check_crs),
    ("A01", attributes.check_mandatory),
    ("A02", attributes.check_conditional),
    ("A03", attributes.check_codes),
    ("A04", attributes.check_feature_codes),
    ("A05", attributes.check_lengths),
    ("A06", attributes.check_positive),
    ("A07", dates.check_dates),
    ("A08", dates.check_register_terms),
    ("A09", identity.check_numbers),
    ("A10", identity.check_repeated),
    ("A11", identity.check_types),
    ("A12", attributes.check_mu),
    ("A13", attributes.check_shares),
    ("U01", unique.check_unique),
    ("U02", unique.check_contracted_once),
    ("R01", references.check_issuing_parties),
    ("R02", references.check_members),  # and R03, R04
    ("R05", references.check_contracted),
    ("R06", references.check_links),
    ("R07", references.check_one_to_one),
    ("R08", references.check_attachments),
    ("R09", sums.check_contract_sums),
    ("R10", references.check_boundaries),
    ("R11", dates.check_terms),
    ("R12", sums.check_summaries),
    ("T01", shapes.check_valid),
    ("T02", shapes.check_single),
    ("T04", shapes.check_slivers),
    ("T13", shapes.check_areas),
)

OF_FILES = "F"  # rules of this letter are about a package's files, which the register does not have


def run_checks(
    package: PackageData, settings: CheckSettings, tell: Tell | None = None, prefix: str = ""
) -> list[Finding]:
    """All rules that are on, as severe as the settings have them. ``prefix``: as for ``check_ground``.

    ``tell(done, total, phase)`` hears of each rule, and of parcels while their ground is judged; it may raise.
    """
    tell = tell or (lambda done, total, phase: None)
    found: list[Finding] = []
    with np.errstate(all="ignore"):  # damaged coordinates overflow; T01 and S03 find them
        for number, (rule, check) in enumerate(CHECKS):
            if settings.on(rule) or rule in SEVERAL:
                tell(number, len(CHECKS), rule)
                found += check(package, settings)
        ground = check_ground(package, settings, lambda done, total: tell(done, total, GROUND), prefix)
        found += ground
    return settings.judged(found)


def in_order(found: list[Finding]) -> list[Finding]:
    """By rule, as the list of the rules has them."""
    order = {rule: number for number, rule in enumerate(rules())}
    return sorted(found, key=lambda one: order[one.rule])
