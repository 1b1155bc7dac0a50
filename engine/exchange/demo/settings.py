"""What is fixed in the demonstration county: an invented place whose codes no real county has."""

import datetime as dt
from dataclasses import dataclass

PROVINCE = ("99", "云原省", "云")
CITY = ("9901", "青禾市")
COUNTY = ("990101", "田溪县")
YEAR = "2025"  # edition of the package; ages are counted to its end
EPSG = 4525  # CGCS2000 3-degree zone 37, central meridian 111°E, zone number in the easting
CENTRAL_MERIDIAN = 111
ORIGIN = (37_519_000.0, 3_431_000.0)  # easting, northing of the south-west corner, metres
EDITION_DATE = dt.date(2025, 6, 30)
POSTCODE = "999101"

MEAN_PARCELS = 5.14  # per household, from a county's published figures
MEAN_AREA = 927.0  # m2 per parcel, same source
HOUSEHOLDS_PER_GROUP = 50
GROUPS_PER_VILLAGE = 3.75

# Second-round contracts run 30 years from the first of January of these years, so they end on
# 2026-12-31 and 2027-12-31: the extension is due.
TERM_STARTS = (1997, 1998)


@dataclass(frozen=True)
class Size:
    """How many of what; the default is 2 townships, 8 villages, 30 groups, 1,500 households."""

    townships: int
    villages: int
    groups: int
    households: int


def size_for(households: int) -> Size:
    """Divisions in proportion to the households, at least two townships, two villages and four groups."""
    if households < 8:
        raise ValueError("a county needs at least 8 households")
    groups = max(4, round(households / HOUSEHOLDS_PER_GROUP))
    villages = max(2, round(groups / GROUPS_PER_VILLAGE))
    return Size(max(2, round(villages / 10)), villages, groups, households)
