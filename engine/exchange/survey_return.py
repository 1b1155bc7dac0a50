"""The file that surveyors bring back: changed parcels with the kind of change, as GeoPackage or zipped shapefile.

One row a parcel: BGLX the kind of change, DKBM its code, YDKBM the code (or codes, by commas) that it comes from, BGYY
why, SCMJ an area by hand, SCBZ 1 where the row is to be left out, and the standard's fields where they change. The
columns and kinds of change are those of the field tools in use (domain.md 2.9). What a row lacks is told by its code.
"""

import pathlib
import re
import sqlite3
import tempfile
from decimal import Decimal, InvalidOperation
from typing import Any

import shapely

from engine.domain.errors import Refused
from engine.domain.said import say
from engine.exchange.checks.crs import require_zone
from engine.exchange.outlines import unpacked
from engine.exchange.package import dbf, layers, sqlite_files

KIND = "survey_return"  # kind of paper
MOST = 500  # rows
TOLD = 20  # faults in one answer
RESHAPED, SPLIT, MERGED, FACTS, AREA, NEW = "图形变更", "分割", "合并", "一般变更", "修改其它面积", "新增"
TAKEN = (RESHAPED, SPLIT, MERGED, FACTS, AREA, NEW)
DRAWN = (RESHAPED, SPLIT, MERGED, NEW)
ELSEWHERE = {
    "移除承包方": "收回、交回或终止",
}  # kinds that are contract changes of their own
FIELDS = {"DKMC": "name", "DKDZ": "east", "DKNZ": "south", "DKXZ": "west", "DKBZ": "north", "DKBZXX": "note",
          "DLDJ": "grade", "TDLYLX": "land_use", "TDYT": "use", "SFJBNT": "basic_farmland"}  # fmt: skip
ENCODING = say("shapefile 的文字读不出来：应为 GBK，或是 UTF-8 并附说明编码的 .cpg")
_CODE = re.compile(r"[0-9]{19}")


Rows = list[tuple[dict[str, Any], bytes | None]]  # fields by name, WKB


def read_return(body: bytes, media_type: str, epsg: int) -> list[dict[str, Any]]:
    """Rows {change, code, from: [codes], reason, area, outline: WKT, facts}; Refused names every row at fault, or the
    reference system where the file says that it is not the county's (``epsg``).
    """
    with tempfile.TemporaryDirectory(prefix="return") as folder:
        rows, systems = _rows(pathlib.Path(folder), body, media_type)
    require_zone(systems, epsg)
    if not rows:
        raise Refused("return_empty", "文件中没有地块")
    if len(rows) > MOST:
        raise Refused("return_many", "文件中有%(most)s个以上的地块，请分件交", most=MOST)
    found: list[dict[str, Any]] = []
    faults: list[str] = []
    for number, (fields, wkb) in enumerate(rows, 1):
        if str(fields.get("SCBZ") or "").strip() in ("1", "是"):
            continue
        row, wrong = _row(fields, wkb)
        name = row["code"] or say("第%(row)s行", row=number)
        faults += [say("%(record)s：%(fault)s", record=name, fault=text) for text in wrong]
        found.append(row)
    faults += _twice([row["code"] for row in found])
    if faults:
        more = [say("另有%(count)s处", count=len(faults) - TOLD)] if len(faults) > TOLD else []
        raise Refused("return_faults", "成果文件有错误：%(faults)s", faults=[*faults[:TOLD], *more])
    if not found:
        raise Refused("return_empty", "文件中没有地块")
    return found


def _rows(folder: pathlib.Path, body: bytes, media_type: str) -> tuple[Rows, tuple[str, ...]]:
    try:
        if media_type != "application/zip":
            path = folder / "return.gpkg"
            path.write_bytes(body)
            return sqlite_files.read_features(path, MOST + 1)
        source = unpacked(folder, "return.zip", body)
        if source.suffix == ".gpkg":
            return sqlite_files.read_features(source, MOST + 1)
        if source.suffix == ".shp":
            return _of_shapefile(source)
    except (sqlite3.Error, ValueError, OverflowError, OSError, dbf.DbfError) as fault:
        raise Refused("return_broken", "成果文件读不出来，请检查文件是否完整") from fault
    raise Refused("return_kind", "请交 GeoPackage（.gpkg），或装着一个 shapefile 的 .zip 文件")


def _of_shapefile(source: pathlib.Path) -> tuple[Rows, tuple[str, ...]]:
    """The standard's reader gives the shapes and says what is broken; the change columns are read beside it."""
    parts = {path.suffix: path for path in source.parent.glob(f"{source.stem}.*")}
    table, found = layers.read_shapefile("DK", "return", parts, "gb18030")
    broken = [str(one.message) for one in found if one.rule == "F04" and one.field not in (".prj", ".shx")]
    if table is None or table.geometry is None or broken:
        raise Refused("return_broken_shape", "shapefile 不完整：%(why)s", why="；".join(broken) or "缺少图形")
    attributes = dbf.read(parts[".dbf"])
    encoding = layers.encoding_of(parts, "utf-8" if layers.utf8_after_all(attributes) else "gb18030")
    rows: list[dict[str, Any]] = []
    for block in attributes.blocks():
        for record in block[block["_deleted"] != b"*"][: MOST + 1]:
            values = (bytes(record[f"f{n}"]).rstrip(b" \0") for n in range(len(attributes.fields)))
            try:
                texts = [value.decode(encoding).strip() for value in values]
            except UnicodeDecodeError:
                raise Refused("return_encoding", ENCODING) from None
            rows.append(dict(zip((field.name for field in attributes.fields), texts, strict=True)))
    shapes = shapely.to_wkb(list(table.geometry))
    return list(zip(rows, shapes, strict=False))[: MOST + 1], table.crs


def _row(fields: dict[str, Any], wkb: bytes | None) -> tuple[dict[str, Any], list[str]]:
    """The row as kept, and what is wrong with it."""
    change, code = _text(fields, "BGLX"), _text(fields, "DKBM")
    origins = [part for part in re.split(r"[,，;；、\s]+", _text(fields, "YDKBM")) if part]
    reason = _text(fields, "BGYY")
    wrong: list[str] = []
    if not _CODE.fullmatch(code) and not (change == NEW and not code):
        wrong.append(say("地块编码（DKBM）应为19位数字"))
    wrong += _of_kind(change, origins, reason)
    area, outline = None, None
    if change == AREA:
        try:
            area = str(Decimal(_text(fields, "SCMJ")).quantize(Decimal("0.01")))
            if Decimal(area) <= 0:
                raise InvalidOperation
        except InvalidOperation:
            wrong.append(say("修改其它面积的，实测面积（SCMJ）应为大于0的数"))
    elif change in DRAWN:
        outline, fault = _outline(wkb)
        wrong += fault
    facts = {name: _text(fields, field) for field, name in FIELDS.items() if _text(fields, field)}
    if change == NEW and "name" not in facts:
        wrong.append(say("新增地块应写地块名称（DKMC）"))
    row = {
        "change": change,
        "code": code,
        "from": origins,
        "reason": reason,
        "area": area,
        "outline": outline,
    }
    return row | {"facts": facts}, wrong


def _of_kind(change: str, origins: list[str], reason: str) -> list[str]:
    if change in ELSEWHERE:
        return [
            say("“%(kind)s”不是测绘成果，请另办合同变更（%(what)s）", kind=change, what=ELSEWHERE[change])
        ]
    if change not in TAKEN:
        return [say("变更类型（BGLX）应为%(kinds)s之一", kinds="、".join(TAKEN))]
    wrong: list[str] = []
    if not reason and change not in (FACTS, NEW):
        wrong.append(say("没有写变更原因（BGYY）"))
    if change == SPLIT and len(origins) != 1:
        wrong.append(say("分割的，原地块编码（YDKBM）应写一个"))
    if change == MERGED and len(origins) < 2:
        wrong.append(say("合并的，原地块编码（YDKBM）应写两个以上"))
    return wrong + [
        say("原地块编码%(code)s不是19位数字", code=code[:30]) for code in origins if not _CODE.fullmatch(code)
    ]


def _outline(wkb: bytes | None) -> tuple[str | None, list[str]]:
    shape = shapely.from_wkb(wkb, on_invalid="ignore") if wkb else None
    if shape is None or shape.is_empty:
        return None, [say("没有图形")]
    parts = shapely.get_parts(shapely.force_2d(shape)).tolist()
    if len(parts) != 1 or parts[0].geom_type != "Polygon":
        return None, [say("图形应为一个面，现有%(count)s个部分", count=len(parts))]
    if not parts[0].is_valid:
        return None, [say("图形自相交或没有闭合")]
    return parts[0].wkt, []


def _twice(codes: list[str]) -> list[str]:
    again = sorted({code for code in codes if code and codes.count(code) > 1})
    fault = say("地块编码在文件中重复")
    return list[str](say("%(record)s：%(fault)s", record=code, fault=fault) for code in again)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value).strip()[:300]
