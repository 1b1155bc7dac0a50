"""The quality rules of delivery packages (domain rules F, S, A, U, R, T), in the order they are run."""

from collections.abc import Callable, Iterator

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
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding
from engine.exchange.package.model import PackageData

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
    ("T03", shapes.check_overlaps),
    ("T04", shapes.check_slivers),
    ("T13", shapes.check_areas),
)
