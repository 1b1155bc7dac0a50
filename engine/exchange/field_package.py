"""The field package: the parcels to be surveyed, those beside them, and what to write, for a tablet or a desk."""

import io
import pathlib
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyogrio

FIELDS = ("BGLX", "BGYY", "DKBM", "YDKBM", "DKMC", "DKDZ", "DKNZ", "DKXZ", "DKBZ", "SCMJ", "HTMJ", "SCBZ")
WIDEST = 100  # characters of a field of a shapefile: 254 bytes of GBK
READ_ME = """外业资料包

办件：{number}　　承包方：{holder}

DK.gpkg、DK.shp　　要测的地块。测完后就在其中改图形、填变更内容，交回任一种格式（shapefile 打成 zip）。
XLDK.gpkg　　相邻地块和权利人，只供对照；界线有变动的，把相邻地块一并抄到 DK 中改。

每个变动的地块填：
  BGLX 变更类型：图形变更、分割、合并、一般变更、修改其它面积 之一
  BGYY 变更原因：一般变更以外必填
  DKBM 地块编码：分割、合并出的地块用新编码，可用的有 {codes}
  YDKBM 原地块编码：分割写一个，合并写两个以上，用逗号隔开
  SCMJ 实测面积（平方米）：只有“修改其它面积”才用，其他的按图形计算
  SCBZ 删除标志：不交的行填 1
没有变动的地块不用交。新增地块、移除承包方不是测绘成果，要另办合同变更。
坐标系 EPSG:{epsg}，交回的成果用同一坐标系。坐标只能用于本次测绘，不得外传。
"""


def package(
    number: str,
    holder: str,
    epsg: int,
    parcels: Sequence[Mapping[str, Any]],
    beside: Sequence[Mapping[str, Any]],
    codes: Sequence[str],
    papers: Mapping[str, bytes] | None = None,
) -> bytes:
    """A zip. ``parcels`` have the fields of FIELDS that are known, and outline (WKB); ``beside`` DKBM, QLR and outline."""
    out = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(prefix="field") as name,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        folder = pathlib.Path(name)
        write_layer(folder / "DK.gpkg", "DK", parcels, FIELDS, epsg)
        write_layer(folder / "DK.shp", "DK", parcels, FIELDS, epsg)
        write_layer(folder / "XLDK.gpkg", "XLDK", beside, ("DKBM", "QLR"), epsg)
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
        text = READ_ME.format(
            number=number, holder=holder, epsg=epsg, codes="、".join(codes) or "（向县里要）"
        )
        archive.writestr("填写说明.txt", text.encode("utf-8-sig"))
        for title, body in (papers or {}).items():
            archive.writestr(title, body)
    return out.getvalue()


def write_layer(
    path: pathlib.Path, layer: str, rows: Sequence[Mapping[str, Any]], fields: Sequence[str], epsg: int
) -> None:
    """GeoPackage or shapefile (GBK) by the path's suffix."""
    shapes = np.array([row["outline"] for row in rows], object)
    columns = [np.array([str(row.get(name) or "")[:WIDEST] for row in rows], object) for name in fields]
    shapefile = path.suffix == ".shp"
    driver = (
        {"driver": "ESRI Shapefile", "encoding": "GBK"} if shapefile else {"driver": "GPKG", "layer": layer}
    )
    pyogrio.raw.write(
        path, geometry=shapes, field_data=columns, fields=list(fields), crs=f"EPSG:{epsg}",
        geometry_type="Polygon", **driver,
    )  # fmt: skip
