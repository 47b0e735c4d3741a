"""Which pictures are accepted, and the square that becomes of each."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from common.media.imaging.rules import BadPicture, UnsupportedPicture
from common.media.imaging.square import render
from tests.profiles.avatars.pictures import animation, empty_png, halves, picture, with_many_scans


def rendered(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(render(data)))
    assert image.format == "WEBP"
    return image


def is_near(pixel: tuple[int, ...], colour: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=False))


@pytest.mark.parametrize(
    ("size", "side"),
    [
        ((800, 600), 512),
        ((512, 512), 512),
        ((40, 300), 40),
        ((3000, 2000), 512),
        ((1, 1), 1),
        ((40, 2), 2),
        ((1025, 1023), 512),
    ],
)
def test_the_result_is_a_square_no_larger_than_512_and_never_enlarged(size, side):
    assert rendered(picture(size)).size == (side, side)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("RGB", "JPEG"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGB", "PNG"),
        ("RGBA", "PNG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("1", "PNG"),
        ("I;16", "PNG"),
        ("RGB", "WEBP"),
        ("RGBA", "WEBP"),
    ],
)
@pytest.mark.parametrize("size", [(90, 60), (2500, 1300)])
def test_every_mode_of_every_format_is_understood(mode, kind, size):
    assert rendered(picture(size, mode, kind)).size == (min(*size, 512),) * 2


def test_a_progressive_and_a_very_large_picture_are_understood():
    assert rendered(picture((900, 900), kind="JPEG", progressive=True)).size == (512, 512)
    assert rendered(empty_png(6320, 6320)).size == (512, 512)


def test_sixteen_bits_a_pixel_keep_their_brightness():
    grey = rendered(picture((50, 50), "I;16", color=0x8080)).convert("L")
    assert abs(grey.getpixel((25, 25)) - 0x80) < 4


def test_transparency_is_preserved():
    clear = rendered(picture((50, 50), "RGBA", color=(255, 0, 0, 0)))
    assert clear.mode == "RGBA"
    assert clear.getpixel((25, 25))[3] == 0


def test_a_palette_with_a_transparent_colour_keeps_it():
    image = Image.new("P", (50, 50), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    out = BytesIO()
    image.save(out, "PNG", transparency=1)
    assert rendered(out.getvalue()).getpixel((25, 25))[3] == 0


def test_large_pictures_keep_their_parts_where_they_were():
    image = Image.new("RGB", (2600, 2600), "red")
    image.paste("blue", (0, 1300, 2600, 2600))
    image.paste("lime", (0, 0, 1300, 1300))
    out = BytesIO()
    image.save(out, "PNG")
    small = rendered(out.getvalue())
    assert is_near(small.getpixel((100, 100)), (0, 255, 0))
    assert is_near(small.getpixel((400, 100)), (255, 0, 0))
    assert is_near(small.getpixel((100, 400)), (0, 0, 255))


RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "at", "colour"),
    [
        (None, (80, 20), RED),
        (1, (80, 20), RED),
        (2, (80, 20), RED),
        (3, (80, 20), BLUE),
        (4, (80, 20), BLUE),
        (5, (20, 80), RED),
        (6, (140, 80), RED),
        (7, (140, 80), RED),
        (8, (20, 80), RED),
        (77, (80, 20), RED),
    ],
)
def test_a_picture_is_turned_as_the_camera_was_held(kind, orientation, at, colour):
    assert is_near(rendered(halves(kind, orientation)).getpixel(at), colour)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_is_left(kind):
    data = render(halves(kind, orientation=6))
    assert b"Olena" not in data
    image = Image.open(BytesIO(data))
    assert not image.getexif()
    assert set(image.info) <= {"loop", "background", "timestamp", "duration"}


def test_metadata_that_is_nonsense_is_no_reason_to_refuse():
    out = BytesIO()
    nonsense = b"Exif\x00\x00MM\x00*\xff\xff\xff\xff"
    Image.new("RGB", (30, 30)).save(out, "JPEG", exif=nonsense, dpi=(72, 72))
    assert rendered(out.getvalue()).size == (30, 30)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_an_animation_gives_its_first_frame(kind):
    still = rendered(animation(kind))
    assert is_near(still.convert("RGB").getpixel((20, 20)), (0, 255, 0))
    assert getattr(still, "n_frames", 1) == 1


def test_forty_megapixels_are_accepted_and_one_row_more_is_not():
    assert rendered(empty_png(8000, 5000)).size == (512, 512)
    with pytest.raises(BadPicture, match="40 megapixels"):
        render(empty_png(8000, 5001))


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((12_001, 1000), "12,000 pixels"),
        ((1000, 12_001), "12,000 pixels"),
        ((12_000, 599), "20 times"),
        ((1, 21), "20 times"),
        ((8000, 5001), "40 megapixels"),
    ],
)
def test_a_picture_beyond_what_is_decoded_is_refused_for_its_reason(size, reason):
    with pytest.raises(BadPicture, match=reason):
        render(empty_png(*size))


@pytest.mark.parametrize("size", [(12_000, 600), (1, 20), (20, 1)])
def test_a_picture_just_within_is_not(size):
    assert rendered(empty_png(*size)).size == (min(512, *size),) * 2


@pytest.mark.parametrize("size", [(20_000, 20_000), (2_000_000_000, 1), (1, 40_000_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size):
    bomb = bytearray(empty_png(8, 8))
    bomb[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    with pytest.raises((BadPicture, UnsupportedPicture)):
        render(bytes(bomb))


def test_a_jpeg_that_would_take_minutes_is_refused_unread():
    with pytest.raises(BadPicture, match="scans"):
        render(with_many_scans())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"\xff\xd8\xff",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"\x89PNG\r\n\x1a\n",
        picture(kind="GIF", mode="P"),
        picture(kind="BMP"),
        picture(kind="TIFF"),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_another_format_is_recognised_by_its_content_and_refused(data):
    with pytest.raises((BadPicture, UnsupportedPicture)):
        render(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_half_a_file_is_refused(kind, share):
    out = BytesIO()
    Image.effect_noise((300, 300), 90).convert("RGB").save(out, kind)
    data = out.getvalue()
    with pytest.raises((BadPicture, UnsupportedPicture)):
        render(data[: int(len(data) * share)])


sound = [picture((33, 21), kind=kind) for kind in ("JPEG", "PNG", "WEBP")]
sound += [halves("JPEG", 6), animation(), picture(mode="P")]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sound), st.data())
def test_a_damaged_file_is_a_picture_or_a_refusal_and_nothing_else(data, draw):
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 6))):
        position = draw.draw(st.integers(0, len(damaged) - 1))
        damaged[position] = draw.draw(st.integers(0, 255))
    try:
        assert rendered(bytes(damaged)).width <= 512
    except (BadPicture, UnsupportedPicture) as refusal:
        assert isinstance(refusal, UnsupportedPicture) or str(refusal)


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises((BadPicture, UnsupportedPicture)):
        render(data)
