"""Tolerances and readings of the rules where the standard leaves a choice; a county may set its own."""

from dataclasses import dataclass, field

from engine.exchange.package.opening import Limits


@dataclass(frozen=True)
class CheckSettings:
    """Lengths in metres, areas in m2 unless the name says mu."""

    encoding: str = "gb18030"  # of dbf text without a .cpg that says UTF-8
    limits: Limits = field(default_factory=Limits)
    same_place: float = 0.001  # what lies closer is the same place
    sliver: float = 1.0
    area: float = 0.01  # attribute against geometry, and per parcel in a contract's sum
    mu: float = 0.005  # m2 against mu, included
    mu_per_parcel: float = 0.01
    summary_mu: float = 0.05
    years_arable: int = 30  # 农村土地承包法 art. 21
    years_grass: int = 50
    years_forest: int = 70
