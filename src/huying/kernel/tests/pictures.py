"""Pictures for tests, honest and otherwise, made on the spot."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

LATITUDE = (31.0, 13.0, 47.25)
SECRET_WORDS = (b"Exif", b"GPS", b"http://ns.adobe.com", b"Huawei", b"somewhere", b"ICC_PROFILE", b"iCCP")


def drawing(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """Red, with a blue top left corner, so that turning shows."""
    picture = Image.new(mode, (width, height), "red" if mode in {"RGB", "RGBA", "P"} else 200)
    if mode in {"RGB", "RGBA"}:
        ImageDraw.Draw(picture).rectangle((0, 0, width // 4, height // 4), fill="blue")
    return picture


def with_position(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Huawei"
    exif[0x0112] = orientation
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", LATITUDE, "E", (121.0, 28.0, 5.5)
    return exif


def encoded(kind: str, *, orientation: int = 1, width: int = 120, height: int = 80, mode: str = "RGB") -> bytes:
    """A picture of ``kind`` that carries its position in every place the format knows."""
    body, picture = io.BytesIO(), drawing(width, height, mode)
    options: dict[str, Any] = {"exif": with_position(orientation)}
    if kind == "PNG":
        texts = PngInfo()
        texts.add_text("Comment", "somewhere GPS 31.2 121.4")
        texts.add_itxt("XML:com.adobe.xmp", '<x xmlns:exif="http://ns.adobe.com/exif/1.0/">GPS</x>')
        options["pnginfo"] = texts
    if kind in {"JPEG", "WEBP"}:
        options["xmp"] = b'<x xmlns:exif="http://ns.adobe.com/exif/1.0/">GPS somewhere</x>'
    if kind == "JPEG":
        options["comment"] = b"somewhere"
    if kind == "GIF":
        options = {
            "comment": b"somewhere GPS",
            "save_all": True,
            "append_images": [Image.new("RGB", (width, height), "green")],
        }
    picture.save(body, kind, **options)
    return body.getvalue()


def upload(body: bytes, name: str = "家里.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body, content_type="image/jpeg")


def png_of(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A PNG that claims a size and holds whatever is given: the shape of a decompression bomb."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zipped(name: str = "evil.html", body: bytes = b"<script>alert(1)</script>") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, body)
    return file.getvalue()
