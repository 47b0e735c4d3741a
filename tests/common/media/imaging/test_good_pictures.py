"""Pictures that cameras and editors make, with all that they put beside the pixels."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from common.media.imaging import jpeg, libwebp
from common.media.imaging.rules import BadPicture, UnsupportedPicture
from common.media.imaging.square import render
from tests.profiles.avatars.pictures import animation, picture


def rendered(data):
    return Image.open(BytesIO(render(data))).convert("RGB")


def is_near(pixel, colour, tolerance=6):
    return all(abs(a - b) <= tolerance for a, b in zip(pixel, colour, strict=True))


def noise(kind="JPEG", size=(300, 300), **options):
    out = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(out, kind, **options)
    return out.getvalue()


# Colour profiles


def s15(value):
    return struct.pack(">i", round(value * 65536))


def display_p3():
    """A matrix profile of Display P3's primaries (SMPTE EG 432-1, adapted to D50) with gamma 2.2."""
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
        b"wtpt": (0.9642, 1.0, 0.8249),
    }
    tags = {
        name: b"XYZ \0\0\0\0" + b"".join(map(s15, values)) for name, values in primaries.items()
    }
    # The curve of sRGB, parametric.
    curve = b"para\0\0\0\0\0\3\0\0" + b"".join(
        map(s15, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    )
    tags |= {name: curve for name in (b"rTRC", b"gTRC", b"bTRC")}
    text = "P3".encode("utf-16-be")
    described = (
        b"mluc\0\0\0\0" + struct.pack(">IIHHII", 1, 12, 0x656E, 0x5553, len(text), 28) + text
    )
    tags |= {b"desc": described, b"cprt": described}
    offset = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += content
    header = bytearray(128)
    header[0:4] = struct.pack(">I", offset + len(body))
    header[8:12] = b"\x04\0\0\0"
    header[12:24] = b"mntrRGB XYZ "
    header[36:40] = b"acsp"
    header[68:80] = b"".join(map(s15, (0.9642, 1.0, 0.8249)))
    return bytes(header) + table + body


P3, IN_P3, IN_SRGB = display_p3(), (80, 200, 90), (0, 205, 71)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(60, 60), (2300, 2100)])
def test_colours_of_a_wide_profile_become_those_of_srgb(kind, size):
    options = {"quality": 100} if kind != "PNG" else {}
    data = picture(size, "RGB", kind, color=IN_P3, icc_profile=P3, **options)
    side = min(512, *size)
    assert is_near(rendered(data).getpixel((side // 2, side // 2)), IN_SRGB)


def test_transparency_outlasts_the_conversion():
    data = picture((50, 50), "RGBA", color=(*IN_P3, 100), icc_profile=P3)
    square = Image.open(BytesIO(render(data)))
    assert square.mode == "RGBA" and square.getpixel((25, 25))[3] == 100


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_profile_itself_is_not_kept(kind):
    assert "icc_profile" not in Image.open(BytesIO(render(picture(kind=kind, icc_profile=P3)))).info


@pytest.mark.parametrize(
    "profile",
    [
        b"nonsense",
        P3[:200],
        P3.replace(b"RGB ", b"GRAY"),
        b"\0" * 128,
        P3.replace(b"XYZ ", b"Lab "),
    ],
)
def test_a_profile_that_cannot_be_used_counts_as_none(profile):
    data = picture((50, 50), color=IN_P3, icc_profile=profile)
    assert is_near(rendered(data).getpixel((25, 25)), IN_P3)


def test_a_picture_in_srgb_stays_as_it_is():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = picture((50, 50), color=IN_P3, icc_profile=srgb)
    assert is_near(rendered(data).getpixel((25, 25)), IN_P3)


# PNG chunks


def chunk(name, content, checksum=None):
    checksum = zlib.crc32(name + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png_with(*chunks):
    plain = picture((60, 40), color=(10, 200, 30))
    return plain[:33] + b"".join(chunks) + plain[33:]


LARGE_TEXT = b"Comment\0\0" + zlib.compress(bytes(3 * 1024 * 1024))
CHUNKS = {
    "a text of 3 MiB": [chunk(b"tEXt", b"Comment\0" + b"x" * 3 * 1024 * 1024)],
    "a compressed text of 3 MiB": [chunk(b"zTXt", LARGE_TEXT)],
    "many texts": [chunk(b"tEXt", b"Comment\0" + b"x" * 1000) for _ in range(2000)],
    "a broken ancillary chunk": [chunk(b"tIME", b"1234567", checksum=7)],
    "a broken text": [chunk(b"zTXt", b"Comment\0\0nonsense")],
    "a broken profile": [chunk(b"iCCP", b"P3\0\0nonsense")],
    "a profile that is a bomb": [chunk(b"iCCP", b"P3\0\0" + zlib.compress(bytes(50_000_000)))],
    "broken Exif": [chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff")],
    "an unknown chunk": [chunk(b"prVt", b"whatever")],
    "physical sizes of nought": [chunk(b"pHYs", bytes(9))],
}


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_what_stands_beside_the_pixels_of_a_png_is_no_reason_to_refuse_it(chunks):
    square = rendered(png_with(*chunks))
    assert square.size == (40, 40) and is_near(square.getpixel((20, 20)), (10, 200, 30))


def test_texts_that_pillow_writes_are_no_reason_either():
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", "x" * 2_000_000)
    assert rendered(picture((30, 30), pnginfo=info)).size == (30, 30)


# JPEG trailers and ends


@pytest.mark.parametrize(
    "trailer",
    [b"\xff\xda" * 5000, bytes(1000), b"\xff" * 999, picture(kind="JPEG"), b"MotionPhoto\0\0ftyp"],
    ids=["markers of scans", "zeros", "fill bytes", "another JPEG", "a video"],
)
@pytest.mark.parametrize("progressive", [False, True])
def test_what_trails_a_jpeg_is_not_looked_at(trailer, progressive):
    data = noise(progressive=progressive)
    assert render(data + trailer) == render(data)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("size", [(300, 300), (1500, 1300)])
def test_a_jpeg_that_lacks_only_its_end_marker_is_accepted(progressive, size):
    data = noise(size=size, progressive=progressive)
    assert data.endswith(jpeg.END)
    assert render(data[:-2]) == render(data)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_more_is_not(progressive, share):
    data = noise(progressive=progressive)
    with pytest.raises(BadPicture, match="damaged"):
        render(data[: int(len(data) * share)])


def test_scans_are_counted_as_the_markers_say():
    assert jpeg.outline(noise()).scans == 1
    assert jpeg.outline(noise(progressive=True)).scans > 5
    assert jpeg.outline(noise() + jpeg.START_OF_SCAN.to_bytes(1) * 500).scans == 1


def test_a_progressive_jpeg_that_would_not_fit_is_refused_for_its_reason():
    with pytest.raises(BadPicture, match="progressive"):
        render(picture((6000, 5000), kind="JPEG", progressive=True, subsampling=0))
    assert rendered(picture((6000, 5000), kind="JPEG", progressive=True)).size == (512, 512)


# WebP


@pytest.mark.parametrize("lossless", [False, True])
def test_a_webp_is_cropped_and_scaled_as_another_picture_is(lossless):
    image = Image.new("RGB", (2600, 1200), "white")
    image.paste("red", (700, 0, 1300, 1200))
    image.paste("blue", (1300, 0, 1900, 1200))
    out = BytesIO()
    image.save(out, "WEBP", lossless=lossless, quality=95, method=0)
    square = rendered(out.getvalue())
    assert square.size == (512, 512)
    for x, colour in ((20, (255, 0, 0)), (230, (255, 0, 0)), (490, (0, 0, 255))):
        assert is_near(square.getpixel((x, 256)), colour, 20)


def test_a_picture_without_libwebp_is_the_same(monkeypatch):
    data = noise("WEBP", lossless=True)
    expected = rendered(data)
    monkeypatch.setattr(libwebp, "load_library", lambda: None)
    assert is_near(
        rendered(data).resize((1, 1)).getpixel((0, 0)), expected.resize((1, 1)).getpixel((0, 0))
    )


def test_the_first_frame_of_an_animation_with_transparency_is_found():
    frames = [Image.new("RGBA", (40, 40), (0, 255, 0, alpha)) for alpha in (128, 255)]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100, quality=90)
    square = Image.open(BytesIO(render(out.getvalue())))
    assert abs(square.getpixel((20, 20))[3] - 128) < 8
    assert is_near(rendered(animation()).getpixel((20, 20)), (0, 255, 0), 20)


# Reasons


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_called_damaged_and_not_another_format(kind):
    data = bytearray(noise(kind))
    data[40:400] = bytes(360)
    with pytest.raises(BadPicture, match="damaged"):
        render(bytes(data[:500]))


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7"])
def test_another_format_is_called_so(data):
    with pytest.raises(UnsupportedPicture):
        render(data)
