"""What may come in as a picture, and that nothing but its pixels stays."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pytest
from PIL import Image

from huying.kernel.attachments import PictureRefused, redraw
from huying.kernel.attachments.images import PictureTooLarge, PictureTooManyPixels, clean_name
from huying.kernel.tests.pictures import SECRET_WORDS, encoded, png_of, upload, zipped

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
JPEG = encoded("JPEG")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_nothing_but_the_pixels_is_kept(kind: str) -> None:
    body = encoded(kind)
    assert any(word in body for word in SECRET_WORDS)

    picture = redraw(upload(body))

    for part in (picture.full, picture.small):
        opened = Image.open(io.BytesIO(part.body))
        assert [word for word in SECRET_WORDS if word in part.body] == []
        assert (opened.format, opened.size, dict(opened.getexif())) == ("WEBP", (part.width, part.height), {})
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(opened.info)


@pytest.mark.parametrize(
    ("orientation", "size", "blue_corner"),
    [
        (1, (120, 80), "top left"),
        (2, (120, 80), "top right"),
        (3, (120, 80), "bottom right"),
        (4, (120, 80), "bottom left"),
        (5, (80, 120), "top left"),
        (6, (80, 120), "top right"),
        (7, (80, 120), "bottom right"),
        (8, (80, 120), "bottom left"),
    ],
)
def test_pictures_stand_as_the_camera_was_held(orientation: int, size: tuple[int, int], blue_corner: str) -> None:
    picture = redraw(upload(encoded("PNG", orientation=orientation)))

    drawn = Image.open(io.BytesIO(picture.full.body)).convert("RGB")
    width, height = drawn.size
    corners = {
        "top left": (4, 4),
        "top right": (width - 5, 4),
        "bottom left": (4, height - 5),
        "bottom right": (width - 5, height - 5),
    }
    blue = [name for name, spot in corners.items() if drawn.getpixel(spot)[2] > 128]  # type: ignore[index]
    assert (drawn.size, blue) == (size, [blue_corner])


def test_large_pictures_are_made_smaller_and_small_ones_left(settings: Any) -> None:
    settings.HUYING_PICTURE_SIDE, settings.HUYING_PICTURE_SMALL_SIDE = 600, 100

    large, small = redraw(upload(encoded("JPEG", width=1600, height=400))), redraw(upload(encoded("JPEG")))

    assert [(part.width, part.height) for part in (large.full, large.small)] == [(600, 150), (100, 25)]
    assert [(part.width, part.height) for part in (small.full, small.small)] == [(120, 80), (100, 67)]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_colour_model_is_redrawn(mode: str) -> None:
    body = io.BytesIO()
    Image.new(mode, (30, 20)).save(body, "PNG")

    picture = redraw(upload(body.getvalue()))

    assert (picture.full.width, picture.full.height) == (30, 20)


def test_cmyk_and_foreign_colour_profiles_are_brought_to_the_screen() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    bodies = []
    for mode, icc in (("CMYK", None), ("RGB", profile), ("RGB", b"broken profile")):
        body = io.BytesIO()
        Image.new(mode, (30, 20), "red" if mode == "RGB" else (0, 255, 255, 0)).save(body, "JPEG", icc_profile=icc)
        bodies.append(redraw(upload(body.getvalue())).full.body)

    colours = [Image.open(io.BytesIO(body)).convert("RGB").getpixel((10, 10)) for body in bodies]
    assert all(colour[0] > 200 and colour[1] < 60 for colour in colours)  # type: ignore[index]


REFUSED = {
    "empty": b"",
    "svg": SVG,
    "svg after a BOM": b"\xef\xbb\xbf  " + SVG,
    "svg with an XML head": b'<?xml version="1.0"?>' + SVG,
    "svg behind a comment": b"<!-- GIF89a -->" + SVG,
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript>>>>",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100,
    "bmp": b"BM" + b"\x00" * 100,
    "tiff": b"II*\x00" + b"\x00" * 100,
    "zip": zipped(),
    "elf": b"\x7fELF" + b"\x00" * 100,
    "exe": b"MZ" + b"\x00" * 100,
    "text": "家里漏水了".encode(),
    "picture and zip": JPEG + zipped(),
    "picture and script behind": JPEG + b"<script>alert(1)</script>",
    "picture and php in its comment": JPEG[:2] + b"\xff\xfe\x00\x20<?php system($_GET[0]);?>     " + JPEG[2:],
    "picture and pdf in its head": JPEG[:2] + b"\xff\xfe\x00\x10%PDF-1.4\n%abcd" + JPEG[2:],
    "gif and html": b"GIF89a/*<html><body>*/=1;",
    "svg in a picture": encoded("PNG") + SVG,
    "only a head": b"\xff\xd8\xff\xe0",
    "png head and noise": b"\x89PNG\r\n\x1a\n" + b"\x00\xff" * 500,
    "cut off in the middle": JPEG[: len(JPEG) // 2],
    "riff that is a film": b"RIFF\x00\x00\x00\x00AVI " + b"\x00" * 50,
    "webp head and noise": b"RIFF\x50\x00\x00\x00WEBPVP8 " + b"\x00" * 72,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_advice(name: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        redraw(upload(REFUSED[name], "photo.jpg"))

    assert refused.value.fields["upload"]
    assert str(refused.value) != ""


def test_the_advice_fits_what_the_file_is() -> None:
    advice = {}
    for name in ("svg", "pdf", "heic", "picture and zip", "cut off in the middle", "empty"):
        with pytest.raises(PictureRefused) as refused:
            redraw(upload(REFUSED[name]))
        advice[name] = str(refused.value)

    assert ["SVG" in advice["svg"], "PDF" in advice["pdf"], "HEIC" in advice["heic"]] == [True, True, True]
    assert len(set(advice.values())) == 6


def test_bombs_are_refused_before_they_go_off(settings: Any) -> None:
    with pytest.raises(PictureTooManyPixels):
        redraw(upload(png_of(60_000, 60_000)))
    with pytest.raises(PictureTooManyPixels):
        redraw(upload(png_of(2**31 - 1, 1)))
    liar = png_of(20_000, 2_400, zlib.compress(b"\x00" * 1000))
    with pytest.raises(PictureRefused):
        redraw(upload(liar))


def test_a_picture_of_forty_eight_megapixels_fits_into_the_limits() -> None:
    rows = zlib.compress(b"\x00" * ((1 + 3 * 8_000) * 6_000), 1)

    picture = redraw(upload(png_of(8_000, 6_000, rows)))

    assert (picture.full.width, picture.full.height) == (2048, 1536)


def test_files_over_the_limit_are_refused_unread(settings: Any) -> None:
    settings.HUYING_UPLOAD_BYTES = 1024 * 1024

    with pytest.raises(PictureTooLarge, match="1 MB"):
        redraw(upload(JPEG + b"\x00" * 1024 * 1024))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("家里.jpg", "家里.webp"),
        ("../../etc/passwd", "passwd.webp"),
        ("C:\\Users\\me\\photo.PNG", "photo.webp"),
        ("", "photo.webp"),
        ("...", "photo.webp"),
        ("a" * 10_000_000 + ".jpg", "a" * 100 + ".webp"),
        ("invoice‮gpj.exe", "invoicegpj.webp"),
        ("a\x00b\r\nSet-Cookie: x.jpg", "abSet-Cookie x.webp"),
        ("🎉🎉.jpg", "🎉🎉.webp"),
        ('"><script>.jpg', "script.webp"),
    ],
)
def test_names_lose_folders_marks_and_length(given: str, kept: str) -> None:
    assert clean_name(given) == kept
