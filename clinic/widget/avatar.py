"""The clinic's picture in the chat: taken from an upload, drawn anew without anything that came along, and served."""

from __future__ import annotations

import hashlib
import io

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from PIL import Image, ImageOps

from clinic.widget import models

# What an upload may be: bytes, kinds, and pixels of a side. A file can claim far more pixels than it has bytes for, so
# they are looked at before any is decoded; the largest picture takes some 40 MB once decoded.
MOST_BYTES = 200_000
KINDS = ("PNG", "JPEG", "WEBP")
LONGEST_SIDE = 3_000
# Pixels of a side as it is kept: a chat shows it with 32 to 48, on sharp screens with twice as many.
SIDE = 96
QUALITY = 85
NOT_A_PICTURE = "must be a picture: a PNG, JPEG or WebP file that opens"
MEDIA_TYPE = "image/webp"


def drawn(upload: bytes) -> bytes:
    """Return an uploaded picture cut to the square in its middle, as a WebP of `SIDE` by `SIDE` pixels and no metadata.

    Raises ValueError with the end of a sentence ("must be …") when the upload is too large or no picture.
    """
    if len(upload) > MOST_BYTES:
        raise ValueError(f"must not be larger than {MOST_BYTES // 1000} kB")
    try:
        with Image.open(io.BytesIO(upload), formats=KINDS) as image:
            _check_size(image)
            return _encoded(_square(image))
    except (TooLarge, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(f"must not have more than {LONGEST_SIDE} pixels on a side") from None
    # Decoders of pictures fail in many ways on bytes that somebody has made up.
    except Exception:
        raise ValueError(NOT_A_PICTURE) from None


class TooLarge(Exception):
    """The picture has more pixels than are decoded."""


def _check_size(image: Image.Image) -> None:
    if max(image.size) > LONGEST_SIDE:
        raise TooLarge


def _square(image: Image.Image) -> Image.Image:
    """Return the middle of a picture, upright, in the colours that a WebP has."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    ImageOps.exif_transpose(image, in_place=True)
    return ImageOps.fit(_in_8_bits(image).convert(mode), (SIDE, SIDE), Image.Resampling.LANCZOS)


def _in_8_bits(image: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits with 8, where `convert` would make nearly all of it white."""
    return image.convert("I").point(lambda grey: grey / 256, "L") if image.mode.startswith("I") else image


def _encoded(image: Image.Image) -> bytes:
    """Return a picture as WebP; of what the upload held besides pixels nothing is written unless one asks for it."""
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=6)
    return target.getvalue()


def digest_of(picture: bytes) -> str:
    """Return the name that a picture is served under: 32 hexadecimal digits, "" for none."""
    return hashlib.sha256(picture).hexdigest()[:32] if picture else ""


@require_safe
def serve(request: HttpRequest, digest: str) -> HttpResponse:  # noqa: ARG001 - Django hands the request over
    """Send the picture with this digest; one that the clinic no longer has is not there."""
    picture = (
        models.Look.objects.filter(avatar_digest=digest).exclude(avatar_digest="").values_list("avatar", flat=True)
    )
    found = picture.first()
    if found is None:
        raise Http404
    return HttpResponse(
        bytes(found),
        content_type=MEDIA_TYPE,
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
