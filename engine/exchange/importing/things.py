"""The things that the register keeps by identity and version, and where a staged package has them.

In the order that references need: what a thing names stands before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Numeric

from engine.store.base import OPERATIONAL
from engine.store.sealed import SealedText
from engine.store.tables import register as t


@dataclass(frozen=True)
class Children:
    """Rows that hang on a version: which staged table has them, and what of them is found by its code."""

    word: str  # what a difference calls them
    table: Any
    owner: str
    staged: str
    key: str  # the staged column that names the owner's code
    more: Mapping[str, str] = field(default_factory=dict)  # column of the register -> SQL over `c`
    compared: Mapping[str, str] = field(
        default_factory=dict
    )  # what is compared instead: SQL over `o` -> over `c`


@dataclass(frozen=True)
class Thing:
    """``since``: SQL over the staged row ``s`` (and ``j`` where it is joined) for the day it stands from.

    ``lasting``: a code is one thing for ever. Contract codes repeat on re-signing, so an ended contract is not
    taken up again. ``ends``: which current versions an import may end; what a case has ended stays as it is.
    """

    name: str
    staged: str
    key: str
    identity: Any
    version: Any
    owner: str
    since: str
    title: str = "null"
    area: tuple[str, str] | None = None  # column of the version, staged column: m2
    parents: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column -> thing, SQL for its code
    lasting: bool = True
    ends: str = "true"
    joined: str = ""
    more: Mapping[str, tuple[str, str]] = field(
        default_factory=dict
    )  # column -> SQL over s/j, its field's name
    kept: Mapping[str, str] = field(default_factory=dict)  # column -> SQL over the version before, `o`
    children: Children | None = None

    @property
    def identities(self) -> str:
        return f"{OPERATIONAL}.{self.identity.__tablename__}"

    @property
    def versions(self) -> str:
        return f"{OPERATIONAL}.{self.version.__tablename__}"


def coded(table: Any) -> dict[str, tuple[str, str]]:
    """Columns that the standard names: column -> staged column, cast."""
    found = {}
    for column in table.__table__.columns:
        if "code" in column.info:
            cast = "::numeric(15, 2)" if isinstance(column.type, Numeric) and column.type.scale else ""
            found[column.key] = (column.info["code"].lower(), cast)
    return found


def sealed(table: Any) -> dict[str, str]:
    """Sealed columns -> the column beside them that finds them, or empty where there is none."""
    columns = table.__table__.columns
    return {
        column.key: f"{column.key}_found" if f"{column.key}_found" in columns else ""
        for column in columns
        if isinstance(column.type, SealedText)
    }


def division_of(code: str) -> str:
    """SQL: the division of a code that begins with an issuing party's (domain.division.of_issuing_party)."""
    return (
        f"case when substr({code}, 10, 5) = '00000' then left({code}, 9)"
        f" when substr({code}, 13, 2) = '00' then left({code}, 12) else left({code}, 14) end"
    )


_PARTY = "issuing_party"
_MEMBERS = Children(
    "members", t.Member, "contractor_version_id", "cbf_jtcy", "cbfbm",
    more={"position": "row_number() over (partition by c.cbfbm order by c.row)", "id_number_found": "c.cyzjhm_found"},
    compared={"o.id_number_found": "c.cyzjhm_found"},
)  # fmt: skip
_HELD = Children(
    "parcels", t.ContractedParcel, "contract_version_id", "cbdkxx", "cbhtbm",
    more={"parcel_id": "p.id"},
    compared={"(select e.code from operational.parcels e where e.county = o.county and e.id = o.parcel_id)": "c.dkbm"},
)  # fmt: skip

THINGS: tuple[Thing, ...] = (
    Thing(_PARTY, "fbf", "fbfbm", t.IssuingParty, t.IssuingPartyVersion, "issuing_party_id", "s.fbfdcrq", "s.fbfmc"),
    Thing(
        "contractor", "cbf", "cbfbm", t.Contractor, t.ContractorVersion, "contractor_id", "s.cbfdcrq", "s.cbfmc",
        parents={"issuing_party_id": (_PARTY, "left(s.cbfbm, 14)")},
        more={"id_number_found": ("s.cbfzjhm_found", "")}, children=_MEMBERS,
    ),
    Thing(
        "parcel", "dk", "dkbm", t.Parcel, t.ParcelVersion, "parcel_id", "j.fbfdcrq", "s.dkmc", ("measured_area", "scmj"),
        parents={"issuing_party_id": (_PARTY, "left(s.dkbm, 14)")},
        joined="join staging.fbf j on j.county = :county and j.batch = :batch and j.fbfbm = left(s.dkbm, 14)",
        more={"geom": ("s.geom", "outline")},
    ),
    Thing(
        "contract", "cbht", "cbhtbm", t.Contract, t.ContractVersion, "contract_id", "s.qdsj", "j.cbfmc",
        ("total_area", "htzmj"),
        parents={"issuing_party_id": (_PARTY, "s.fbfbm"), "contractor_id": ("contractor", "s.cbfbm")},
        lasting=False, ends="v.state = 'in_force'", children=_HELD,
        joined="join staging.cbf j on j.county = :county and j.batch = :batch and j.cbfbm = s.cbfbm",
    ),
    Thing(
        "register_entry", "cbjyqzdjb", "cbjyqzbm", t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id", "s.djsj",
        parents={"contract_id": ("contract", "s.cbjyqzbm"), "contractor_id": ("contractor", "s.cbfbm")}, lasting=False,
    ),
    Thing(
        "certificate", "cbjyqz", "cbjyqzbm", t.Certificate, t.CertificateVersion, "certificate_id", "s.fzrq",
        parents={"register_entry_id": ("register_entry", "s.cbjyqzbm")}, lasting=False, ends="v.state = 'valid'",
        joined="join staging.cbjyqzdjb j on j.county = :county and j.batch = :batch and j.cbjyqzbm = s.cbjyqzbm",
        more={"serial": ("j.cbjyqzlsh", "CBJYQZLSH")}, kept={"state": "coalesce(o.state, 'valid')", "reason": "o.reason"},
    ),
)  # fmt: skip
