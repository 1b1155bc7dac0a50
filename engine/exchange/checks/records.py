"""What a row is called in a finding."""

from engine.exchange import standard
from engine.exchange.package.model import Table


def records(table: Table) -> list[str]:
    """Per row its own code; members `CBFBM/name`, layers without a code `LAYER:BSM`, else the row's number."""
    if table.name == "CBF_JTCY":
        rows = table.rows("CBFBM", "CYXM", "CYZJHM")
        return [
            f"{code or f'第{n}行'}/{name or number or ''}" for n, (code, name, number) in enumerate(rows, 1)
        ]
    key = standard.spec(table.name).key
    if key is None:
        return [
            f"{table.name}:{bsm if bsm is not None else f'第{n}行'}" for n, bsm in enumerate(table["BSM"], 1)
        ]
    return [code or f"第{n}行" for n, code in enumerate(table[key], 1)]


def record_of(table: Table, row: int) -> str:
    """What one row of a layer is called; as ``records`` has it."""
    key = standard.spec(table.name).key or "BSM"
    code = table[key][row] if key in table.columns else None
    if key == "BSM":
        return f"{table.name}:{code if code is not None else f'第{row + 1}行'}"
    return code or f"第{row + 1}行"


def blank(value: object) -> bool:
    """Null, or text of nothing but blanks."""
    return value is None or (isinstance(value, str) and not value.strip())
