"""WebP decoded by libwebp's own interface, which crops and scales while it decodes.

Pillow's reader holds a large picture four times. The library is the one that Pillow brings along,
or the system's; where neither is found, `load_library` gives None and Pillow has to do.
Structures as in libwebp's `decode.h`, ABI version 2.
"""

import ctypes
import ctypes.util
from collections.abc import Iterator
from ctypes import (
    POINTER,
    Structure,
    byref,
    c_int,
    c_size_t,
    c_ubyte,
    c_uint32,
    c_void_p,
)
from functools import cache
from pathlib import Path
from typing import Any

import PIL
from PIL import Image

ABI_VERSION = 0x0209
MODE_RGBA = 1
HEADER = 12


class _Features(Structure):
    _fields_ = [
        ("width", c_int),
        ("height", c_int),
        ("has_alpha", c_int),
        ("has_animation", c_int),
        ("format", c_int),
        ("pad", c_uint32 * 5),
    ]


class _RgbaBuffer(Structure):
    _fields_ = [("rgba", POINTER(c_ubyte)), ("stride", c_int), ("size", c_size_t)]


class _YuvaBuffer(Structure):
    _fields_ = [
        ("planes", c_void_p * 4),
        ("strides", c_int * 4),
        ("sizes", c_size_t * 4),
    ]


class _Pixels(ctypes.Union):
    _fields_ = [("rgba", _RgbaBuffer), ("yuva", _YuvaBuffer)]


class _Output(Structure):
    _fields_ = [
        ("colorspace", c_int),
        ("width", c_int),
        ("height", c_int),
        ("is_external_memory", c_int),
        ("pixels", _Pixels),
        ("pad", c_uint32 * 4),
        ("private_memory", c_void_p),
    ]


class _Options(Structure):
    _fields_ = [
        (name, c_int)
        for name in (
            "bypass_filtering no_fancy_upsampling use_cropping crop_left crop_top crop_width"
            " crop_height use_scaling scaled_width scaled_height use_threads dithering_strength"
            " flip alpha_dithering_strength"
        ).split()
    ] + [("pad", c_uint32 * 5)]


class _Config(Structure):
    _fields_ = [("input", _Features), ("output", _Output), ("options", _Options)]


@cache
def load_library() -> Any:
    """libwebp, or None."""
    folder = Path(PIL.__file__).parent
    bundled = [
        *folder.parent.glob("pillow.libs/libwebp-*"),
        *folder.glob(".dylibs/libwebp.*"),
    ]
    for path in [*map(str, bundled), ctypes.util.find_library("webp")]:
        try:
            library = ctypes.CDLL(path) if path else None
        except OSError:
            continue
        if library is not None:
            return library
    return None


def chunks_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a RIFF container: names and contents."""
    position = HEADER
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        yield data[position : position + 4], data[position + 8 : position + 8 + size]
        position += 8 + size + size % 2


def still_of(data: bytes) -> bytes:
    """The file itself, or of an animation its first frame as a file."""
    frame = next((content for name, content in chunks_of(data) if name == b"ANMF"), None)
    if frame is None:
        return data
    # The frame's place, size, duration and flags come before its chunks.
    body = frame[16:]
    if body.startswith(b"ALPH"):
        body = _chunk(b"VP8X", b"\x10\0\0\0" + frame[6:12]) + body
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "little") + content


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a still WebP; None when its header is damaged."""
    features = _Features()
    get = load_library().WebPGetFeaturesInternal
    get.argtypes = [ctypes.c_char_p, c_size_t, c_void_p, c_int]
    if get(data, len(data), byref(features), ABI_VERSION) != 0:
        return None
    return features.width, features.height


def decode_square(data: bytes, box: tuple[int, int, int], side: int) -> Image.Image | None:
    """The square `box` (left, top, side) of a still WebP, scaled to `side`; None if damaged."""
    library = load_library()
    config = _Config()
    library.WebPInitDecoderConfigInternal.argtypes = [c_void_p, c_int]
    if not library.WebPInitDecoderConfigInternal(byref(config), ABI_VERSION):
        return None
    left, top, cropped = box
    options = config.options
    options.use_cropping, options.crop_left, options.crop_top = 1, left, top
    options.crop_width = options.crop_height = cropped
    options.use_scaling = int(side < cropped)
    options.scaled_width = options.scaled_height = side
    config.output.colorspace = MODE_RGBA
    library.WebPDecode.argtypes = [ctypes.c_char_p, c_size_t, c_void_p]
    library.WebPFreeDecBuffer.argtypes = [c_void_p]
    try:
        if library.WebPDecode(data, len(data), byref(config)) != 0:
            return None
        buffer = config.output.pixels.rgba
        pixels = ctypes.string_at(buffer.rgba, buffer.stride * config.output.height)
        size = (config.output.width, config.output.height)
        return Image.frombytes("RGBA", size, pixels, "raw", "RGBA", buffer.stride)
    finally:
        library.WebPFreeDecBuffer(byref(config.output))
