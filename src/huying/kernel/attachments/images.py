"""What comes in as a picture: recognised by its bytes, refused by name when it is something else, redrawn
in a child process.

Taken: JPEG, PNG, WebP, and the first frame of GIF. Refused, each with advice: HEIC (no decoder without
patent and licence trouble can be installed everywhere; phones convert on their own when asked for JPEG),
SVG (a program, not a picture), PDF (carries scripts, and photos with their positions inside, which could
not be taken out), everything else.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from huying.kernel.children import start
from huying.kernel.errors import InvalidInput, Text

MEGABYTE = 1024 * 1024
HEAD = 1024  # where browsers and readers look for a type
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
SCRIPT = re.compile(rb"<script[\s>]|<\?php|<svg\s[^>]{0,400}xmlns|<iframe[\s>]", re.IGNORECASE)
PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]|<body[\s>]|<head[\s>]", re.IGNORECASE)


class PictureRefused(InvalidInput):
    code = "picture_refused"
    message = _("这个文件不是能用的照片，请换一张（JPEG、PNG、WebP 或 GIF）。")


class PictureTooLarge(PictureRefused):
    code = "picture_too_large"
    message = _("照片太大了，请换一张小于 {megabytes} MB 的。")


class PictureTooManyPixels(PictureRefused):
    code = "picture_too_many_pixels"
    message = _("照片的尺寸太大了，请缩小到 {megapixels} 百万像素以内再上传。")


ADVICE: dict[str, Text] = {
    "empty": _("这个文件是空的，请重新选择照片。"),
    "heic": _("苹果手机的 HEIC 照片请先在“设置 → 相机 → 格式”里选“兼容性最佳”，或者截图后上传。"),
    "svg": _("SVG 不是照片，不能上传。请截图后上传。"),
    "pdf": _("这里只收照片。PDF 里的内容请拍照或截图后上传。"),
    "polyglot": _("这个文件在照片里夹带了别的内容，不能上传。请截图后上传。"),
    "format": PictureRefused.message,
    "damaged": _("这张照片已经损坏，打不开，请换一张。"),
    "limits": _("这张照片太复杂，处理不了，请截图后上传。"),
}


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A clean picture: WebP bytes with their size in pixels."""

    body: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept of an upload: the picture, its small copy, and the name it came with."""

    name: str
    full: Redrawn
    small: Redrawn


def refused(kind: str) -> PictureRefused:
    return PictureRefused(ADVICE[kind], fields={"upload": ADVICE[kind]})


def sniff(data: bytes) -> str:
    """``picture``, or the key of the advice that fits what the bytes really are."""
    head = data[:HEAD]
    if not data:
        return "empty"
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return "heic"
    if b"%PDF-" in head and not head.startswith(PICTURES):
        return "pdf"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<svg", b"<!DOCTYPE svg", b"<!--")):
        return "svg"
    if not (head.startswith(PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")):
        return "format"
    if b"%PDF-" in head or PAGE.search(head) or SCRIPT.search(data) or zipfile.is_zipfile(io.BytesIO(data)):
        return "polyglot"
    return "picture"


def redraw(upload: UploadedFile[Any], *, name: str | None = None) -> Picture:
    """Check and redraw an upload; PictureRefused says why not. Nothing is stored; call it before taking
    locks.

    Limits by setting: HUYING_UPLOAD_BYTES, HUYING_UPLOAD_PIXELS, HUYING_PICTURE_SIDE. Takes about 0.2 to
    1 s.
    """
    if (upload.size or 0) > settings.HUYING_UPLOAD_BYTES:
        megabytes = settings.HUYING_UPLOAD_BYTES // MEGABYTE
        raise PictureTooLarge(fields={"upload": PictureTooLarge.message}, megabytes=megabytes)
    upload.seek(0)
    data = upload.read(settings.HUYING_UPLOAD_BYTES + 1)
    upload.seek(0)
    kind = sniff(data)
    if kind != "picture":
        raise refused(kind)
    sides = (settings.HUYING_PICTURE_SIDE, settings.HUYING_PICTURE_SMALL_SIDE, settings.HUYING_UPLOAD_PIXELS)
    try:
        answer = start.run("image", io.BytesIO(data), start.Limits(memory_mb=768), *map(str, sides))
    except start.ChildFailed:
        raise refused("limits") from None
    head, _newline, bodies = answer.partition(b"\n")
    facts = json.loads(head)
    if isinstance(facts, dict):
        if facts["refused"] == "pixels":
            megapixels = settings.HUYING_UPLOAD_PIXELS // 1_000_000
            raise PictureTooManyPixels(fields={"upload": PictureTooManyPixels.message}, megapixels=megapixels)
        raise refused(facts["refused"])
    split = facts[0]["size"]
    full, small = (
        Redrawn(body, fact["width"], fact["height"])
        for body, fact in zip((bodies[:split], bodies[split:]), facts, strict=True)
    )
    return Picture(clean_name(name or upload.name or ""), full, small)


def clean_name(name: str) -> str:
    """The file name without folders, control and direction marks, at most 100 letters, ending in ``.webp``.

    A right-to-left mark would make ``exe.webp`` read like something else; a name of ten megabytes is cut.
    """
    tail = re.split(r"[/\\]", name[-1000:])[-1]
    visible = "".join(letter for letter in tail if letter.isprintable() and letter not in '<>:"|?*')
    stem = visible.rpartition(".")[0] or visible
    return f"{' '.join(stem.split())[:100].strip(' .') or 'photo'}.webp"
