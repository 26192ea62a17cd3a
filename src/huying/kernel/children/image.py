"""Child: decode a picture and draw it anew, upright, in sRGB, without a byte of what came beside the
pixels.

Arguments: memory MB, CPU seconds, longest side, longest side of the small copy, most pixels. Answer: one
JSON line, then the two WebP files one after the other; or ``{"refused": "format" | "pixels" |
"damaged"}``.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from typing import Any

from huying.kernel.children import limits

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
ORIENTATION = 0x0112
QUALITY = 80


def main() -> None:
    memory, cpu, side, small_side, most = (int(argument) for argument in sys.argv[1:6])
    limits.bind(memory, cpu)
    answer(redraw(sys.stdin.buffer.read(), side, small_side, most))


def answer(result: str | tuple[Any, Any]) -> None:
    if isinstance(result, str):
        sys.stdout.buffer.write(json.dumps({"refused": result}).encode() + b"\n")
        return
    bodies = [encoded(picture) for picture in result]
    head = [{"width": p.width, "height": p.height, "size": len(b)} for p, b in zip(result, bodies, strict=True)]
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(bodies))


def redraw(data: bytes, side: int, small_side: int, most: int) -> str | tuple[Any, Any]:
    """The picture and its small copy, or why not."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - not before the limits stand

    Image.MAX_IMAGE_PIXELS = None  # counted below, before decoding
    warnings.simplefilter("ignore")
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        return "format"
    except (OSError, ValueError, SyntaxError, EOFError):
        return "damaged"
    if picture.width * picture.height > most or min(picture.size) < 1:
        return "pixels"
    try:
        orientation = picture.getexif().get(ORIENTATION, 1)
        profile = picture.info.get("icc_profile")
        if picture.format in {"JPEG", "MPO"}:
            picture.draft("RGB", (side, side))  # decodes at a fraction of the size where that is enough
        picture.load()
        full = fresh(upright(srgb(shrunk(plain(picture), side), profile), orientation))
        return full, fresh(shrunk(full.copy(), small_side))
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, IndexError, KeyError, TypeError):
        return "damaged"  # MemoryError is not caught: the parent sees a child that broke its limit


def plain(picture: Any) -> Any:
    """RGB, RGBA or CMYK; palettes and deep greys brought to one of them."""
    if picture.mode.startswith(("I", "F")):
        deep = picture.mode != "F"
        return (
            picture.convert("I" if deep else "F").point(lambda level: level * (1 / 256 if deep else 255)).convert("RGB")
        )
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture if picture.mode == "CMYK" else picture.convert("RGB")


def shrunk(picture: Any, side: int) -> Any:
    from PIL import Image  # noqa: PLC0415

    picture.thumbnail((side, side), Image.Resampling.LANCZOS)  # in place: a large picture must not be there twice
    return picture


def srgb(picture: Any, profile: bytes | None) -> Any:
    """Colours as every screen understands them, because the profile itself is not kept."""
    from PIL import ImageCms  # noqa: PLC0415

    colours = picture.convert("RGB") if picture.mode == "RGBA" else picture
    if profile:
        try:
            colours = ImageCms.profileToProfile(
                colours, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            colours = colours.convert("RGB")  # a broken profile costs its colours, not the photo
    colours = colours.convert("RGB")
    if picture.mode == "RGBA":
        colours.putalpha(picture.getchannel("A"))
    return colours


def upright(picture: Any, orientation: int) -> Any:
    """Turned as the camera was held (TIFF 6.0 orientation 2 to 8)."""
    from PIL import Image  # noqa: PLC0415

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return picture.transpose(turns[orientation]) if orientation in turns else picture


def fresh(picture: Any) -> Any:
    """A new picture with the same pixels and nothing else."""
    from PIL import Image  # noqa: PLC0415

    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    return clean


def encoded(picture: Any) -> bytes:
    body = io.BytesIO()
    picture.save(body, "WEBP", quality=QUALITY, method=4, exif=b"", xmp=b"", icc_profile=None)
    return body.getvalue()
