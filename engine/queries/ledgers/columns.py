"""What a column of a ledger holds; pages and workbooks each know how to show the kinds."""

from dataclasses import dataclass
from typing import Literal

from engine.domain.said import Said

# text and code as they are; count a whole number; m2 with 2 decimals; mu a value in m2 to be shown in 亩; day a date;
# label a code of the standard's list ``codes``; words a sentence (Said)
Kind = Literal["text", "code", "count", "m2", "mu", "day", "label", "words"]


@dataclass(frozen=True)
class Column:
    key: str
    title: Said
    kind: Kind = "text"
    width: int = 12  # characters of the workbook's column
    total: bool = False  # summed up under the workbook's last row
    codes: str = ""  # list of the standard, for kind ``label``
