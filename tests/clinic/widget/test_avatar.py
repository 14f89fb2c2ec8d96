"""The clinic's picture: drawn anew from an upload, whatever that is, and served as nothing but a picture."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from clinic.widget import avatar, models


def picture(kind: str = "PNG", size: tuple[int, int] = (120, 80), mode: str = "RGB", **options: Any) -> bytes:
    """Return a file with a picture whose middle is red and whose sides are blue."""
    image = Image.new("RGB", size, "#0000ff")
    ImageDraw.Draw(image).rectangle((size[0] // 3, 0, size[0] * 2 // 3, size[1]), "#ff0000")
    target = io.BytesIO()
    image.convert(mode).save(target, kind, **options)
    return target.getvalue()


def opened(drawn: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(drawn))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_square(kind: str) -> None:
    image = opened(avatar.drawn(picture(kind)))
    assert (image.format, image.size, image.mode) == ("WEBP", (96, 96), "RGB")
    red, _, blue = image.getpixel((48, 48))  # type: ignore[misc]
    assert red > 200 > 60 > blue


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_kind_of_colour(mode: str) -> None:
    assert opened(avatar.drawn(picture(mode=mode))).size == (96, 96)


def test_grey_of_16_bits_is_grey() -> None:
    target = io.BytesIO()
    Image.new("I;16", (20, 20), 30_000).save(target, "PNG")
    assert opened(avatar.drawn(target.getvalue())).getpixel((48, 48)) == pytest.approx((117, 117, 117), abs=3)


def test_print_colours_are_made_screen_colours() -> None:
    assert opened(avatar.drawn(picture("JPEG", mode="CMYK"))).mode == "RGB"


@pytest.mark.parametrize("size", [(1, 1), (3000, 1), (1, 3000), (3000, 3000)])
def test_pictures_of_every_size(size: tuple[int, int]) -> None:
    assert opened(avatar.drawn(picture(size=size))).size == (96, 96)


def test_what_is_clear_stays_clear() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(target, "PNG")
    assert opened(avatar.drawn(target.getvalue())).getpixel((10, 10))[3] == 0  # type: ignore[index]


def test_of_a_moving_picture_the_first_is_taken() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("#ff0000", "#0000ff")]
    target = io.BytesIO()
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    image = opened(avatar.drawn(target.getvalue()))
    assert getattr(image, "n_frames", 1) == 1
    assert image.getpixel((48, 48))[0] > 200  # type: ignore[index]


def test_a_photo_is_put_upright() -> None:
    image = Image.new("RGB", (100, 100), "#0000ff")
    ImageDraw.Draw(image).rectangle((0, 0, 100, 50), "#ff0000")
    exif = Image.Exif()
    exif[0x0112] = 6  # It has to be turned to the right: the top is on the right then.
    target = io.BytesIO()
    image.save(target, "JPEG", exif=exif)
    found = opened(avatar.drawn(target.getvalue()))
    left, right = found.getpixel((10, 48)), found.getpixel((86, 48))
    assert left[2] > 200 > right[2]  # type: ignore[index]


def test_nothing_but_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at the back door"
    notes = PngInfo()
    notes.add_text("Comment", "taken at the back door")
    notes.add_itxt("XML:com.adobe.xmp", "<x>taken at the back door</x>")
    for raw in (
        picture("JPEG", exif=exif, comment=b"taken at the back door", icc_profile=b"taken at the back door"),
        picture("PNG", pnginfo=notes, exif=exif),
        picture("WEBP", exif=exif.tobytes(), xmp=b"taken at the back door", icc_profile=b"taken at the back door"),
    ):
        assert b"back door" in raw or b"tEXt" in raw or b"EXIF" in raw
        drawn = avatar.drawn(raw)
        for part in (b"back door", b"EXIF", b"XMP ", b"ICCP"):
            assert part not in drawn
        assert opened(drawn).info.keys() <= {"loop", "background", "timestamp", "duration"}


def _png(width: int, height: int) -> bytes:
    """Return a PNG that claims to be this large and holds hardly anything."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(3001, 10), (10, 3001), (12_000, 12_000), (100_000, 100_000)])
def test_a_picture_that_claims_too_many_pixels_is_never_decoded(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("It was decoded."))
    with pytest.raises(ValueError, match="must not have more than 3000 pixels on a side"):
        avatar.drawn(_png(*size))


def test_a_file_that_is_too_large() -> None:
    with pytest.raises(ValueError, match="must not be larger than 200 kB"):
        avatar.drawn(picture() + b" " * avatar.MOST_BYTES)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture()[:60],
        picture("JPEG")[:100],
        picture("WEBP")[:40],
        _png(0, 0),
        _png(50, 50),
    ],
)
def test_what_is_no_picture(raw: bytes) -> None:
    with pytest.raises(ValueError, match="must be a picture"):
        avatar.drawn(raw)


@settings(deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=4))))
def test_a_damaged_file_is_drawn_or_refused_and_nothing_else(kind: str, damage: list[tuple[int, bytes]]) -> None:
    raw = bytearray(picture(kind, size=(40, 30)))
    for place, put in damage:
        raw[place % len(raw) : place % len(raw) + len(put)] = put
    with contextlib.suppress(ValueError):
        assert opened(avatar.drawn(bytes(raw))).size == (96, 96)


@pytest.fixture
def kept(db: None) -> str:
    """The digest of the picture that the clinic has."""
    drawn = avatar.drawn(picture())
    models.Look.objects.create(pk=1, avatar=drawn, avatar_digest=avatar.digest_of(drawn))
    return avatar.digest_of(drawn)


def test_it_is_served_as_a_picture_and_nothing_else(client: Client, kept: str) -> None:
    answer = client.get(f"/chat/avatar/{kept}")
    assert opened(answer.content).size == (96, 96)
    assert answer["Content-Type"] == "image/webp"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in answer
    assert not answer.cookies
    assert client.head(f"/chat/avatar/{kept}").status_code == 200
    assert client.post(f"/chat/avatar/{kept}").status_code == 405


@pytest.mark.parametrize("name", ["0" * 32, "x", "%27", "a%20b", "..%2Fwidget.js"])
def test_another_picture_is_not_there(client: Client, kept: str, name: str) -> None:
    assert client.get(f"/chat/avatar/{name}").status_code == 404


def test_no_picture_is_not_there(client: Client, db: None) -> None:
    models.Look.objects.create(pk=1)
    assert client.get("/chat/avatar/").status_code == 404
    assert client.get("/chat/avatar/x").status_code == 404


def test_a_picture_has_the_name_of_its_content() -> None:
    assert avatar.digest_of(b"") == ""
    assert len(avatar.digest_of(b"one")) == 32
    assert avatar.digest_of(b"one") != avatar.digest_of(b"two")
