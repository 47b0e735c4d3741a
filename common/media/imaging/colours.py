"""Colours of any profile as sRGB, which is what every viewer takes a picture without one for."""

from io import BytesIO

from PIL import Image, ImageCms

# Which modes of Pillow a profile's colour space describes.
MODES = {"RGB ": {"RGB", "RGBA"}, "CMYK": {"CMYK"}, "GRAY": {"L", "LA"}}


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB or RGBA in sRGB. A profile that can't be used counts as none."""
    has_alpha = image.mode in ("RGBA", "LA")
    plain = "RGBA" if has_alpha else "RGB"
    if not profile:
        return image.convert(plain)
    alpha = image.getchannel("A") if has_alpha else None
    opaque = image.convert(image.mode.removesuffix("A")) if has_alpha else image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode not in MODES.get(source.profile.xcolor_space, ()):
            return image.convert(plain)
        converted = ImageCms.profileToProfile(
            opaque,
            source,
            ImageCms.createProfile("sRGB"),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
    except Exception:  # hostile profiles make the library raise nearly anything
        return image.convert(plain)
    if converted is None:
        return image.convert(plain)
    if alpha is not None:
        converted.putalpha(alpha)
    return converted
