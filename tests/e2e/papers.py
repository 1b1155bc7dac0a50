"""Files as people hand them in: a photograph of a card, a scan of a contract."""

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

WORDS = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"


@cache
def photograph(text: str = "居民身份证") -> bytes:
    """A JPG of a card that says so; not anybody's."""
    picture = Image.new("RGB", (640, 400), "#dfe8ee")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((20, 20, 620, 380), 24, fill="#f7fafc", outline="#7c93a8", width=4)
    draw.rectangle((430, 90, 580, 290), fill="#c3d0da")
    draw.text((60, 60), text, fill="#1b3a57", font=ImageFont.truetype(WORDS, 44))
    draw.text((60, 150), "样张", fill="#8a9aa8", font=ImageFont.truetype(WORDS, 72))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def upload(body: bytes, name: str) -> dict[str, object]:
    """For set_input_files."""
    kind = "application/pdf" if name.endswith(".pdf") else "image/jpeg"
    return {"name": name, "mimeType": kind, "buffer": body}
