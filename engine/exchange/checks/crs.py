"""Which reference system a layer has, told from its WKT."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import pyproj
from pyproj.exceptions import CRSError

from engine.domain.errors import Refused

_CGCS2000 = ("china 2000", "china_2000", "cgcs2000", "cgcs_2000", "china geodetic coordinate system 2000")


@dataclass(frozen=True)
class Zone:
    """A CGCS2000 transverse Mercator zone: degrees, metres. `epsg` is None for zones without a number."""

    meridian: float
    false_easting: float
    epsg: int | None


def central_meridian(crs: str) -> float | None:
    """Degrees; None when the system is not projected or not understood."""
    found = zone(crs)
    return found.meridian if found else None


@functools.cache
def zone(crs: str) -> Zone | None:
    """The zone a WKT or `EPSG:n` names; None when it is not a CGCS2000 projected system."""
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except CRSError:
        return None
    if not parsed.is_projected or parsed.coordinate_operation is None or parsed.geodetic_crs is None:
        return None
    datum = parsed.geodetic_crs.datum
    names = f"{datum.name if datum else ''} {parsed.geodetic_crs.name}".lower()
    if not any(name in names for name in _CGCS2000):
        return None
    method = parsed.coordinate_operation.method_name.lower()
    if "transverse" not in method and "gauss" not in method:
        return None
    values = {p.name.lower(): float(p.value) for p in parsed.coordinate_operation.params}
    meridian = next((v for n, v in values.items() if "longitude" in n), None)
    easting = next((v for n, v in values.items() if "false easting" in n), None)
    if meridian is None or easting is None:
        return None
    return Zone(meridian, easting, _epsg(meridian, easting))


def require_zone(declared: Iterable[str], epsg: int) -> None:
    """Refused, naming both, where a file says that its coordinates are in another system than the county's.

    A file that says nothing, or nothing that can be read, is taken: land out of its place is found by the checks.
    """
    own = zone(f"EPSG:{epsg}")
    for crs in declared:
        name = _name(crs)
        if name and zone(crs) != own:
            raise Refused(
                "other_zone",
                "文件的坐标系是“%(given)s”，本县用的是“%(own)s”（EPSG:%(epsg)s），请转换后再交",
                given=name,
                own=_name(f"EPSG:{epsg}"),
                epsg=epsg,
            )


def _name(crs: str) -> str:
    try:
        parsed = pyproj.CRS.from_user_input(crs)
    except CRSError:
        return ""
    return "" if parsed.is_engineering else parsed.name  # GeoPackage's -1 and 0 are "undefined"


def _epsg(meridian: float, easting: float) -> int | None:
    """EPSG 4513-4533 (3-degree, zone number in the easting), 4534-4554 (without), 4491-4512 (6-degree)."""
    if meridian % 3 == 0 and 75 <= meridian <= 135:
        number = int(meridian // 3)
        if easting == number * 1_000_000 + 500_000:
            return 4513 + number - 25
        if easting == 500_000:
            return 4534 + number - 25
    if (meridian - 75) % 6 == 0 and 75 <= meridian <= 135:
        number = int((meridian + 3) // 6)
        if easting == number * 1_000_000 + 500_000:
            return 4491 + number - 13
    return None
