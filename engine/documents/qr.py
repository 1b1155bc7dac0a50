"""QR codes as SVG, drawn as one path so that they stay sharp in print."""

import segno


def qr_svg(url: str, size_mm: float = 15) -> str:
    """A square of ``size_mm`` with the four-module quiet zone inside; error level M survives a fold or stamp."""
    code = segno.make(url, error="m", micro=False)
    side = len(code.matrix) + 8
    runs = "".join(
        f"M{x + 4} {y + 4}h1v1h-1z" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size_mm:g}mm" height="{size_mm:g}mm" '
        f'viewBox="0 0 {side} {side}"><path fill="#000" d="{runs}"/></svg>'
    )
