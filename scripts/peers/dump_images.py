#!/usr/bin/env python3
"""Make Tests/Fixtures/image anew: small pictures, and what Pillow and transformers make of them.

sources/ holds PNG and JPEG files of every kind and their decoded pixels, resized/ what each of
Pillow's filters makes of one of them, every other folder a preprocessor_config.json with the values
that transformers' processor (its Pillow backend) computes. All are laid out as the golden cases.

Needs Python with Pillow 12 (13 resizes differently), numpy, torch, transformers and safetensors.
"""

from __future__ import annotations

import argparse
import io
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import torch
import transformers
from PIL import Image, ImageOps

from fixtures.files import write_json, write_tensors

DEFAULT = Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "image"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
ORIENTATION = 0x0112
JPEG_TOLERANCE = {"largest": 4, "mean": 0.6}
FILTERS = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711]}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, nargs="?", default=DEFAULT, help="Tests/Fixtures/image")
    output = parser.parse_args().output
    if int(PIL.__version__.split(".")[0]) > 12:
        raise SystemExit(f"Pillow {PIL.__version__} resizes differently; install Pillow 12.")
    shutil.rmtree(output, ignore_errors=True)
    decoded = dump_sources(output / "sources")
    dump_resized(output / "resized", decoded["noise.png"])
    for name, case in processors().items():
        dump_case(output / name, decoded, *case)
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    print(f"{output}: {size / 1000:.0f} kB")


# Sources


def dump_sources(folder: Path) -> dict[str, np.ndarray]:
    files = {**png_files(), **jpeg_files()}
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    decoded = {name: decode(data) for name, data in files.items()}
    write_tensors(folder / "decoded.safetensors", as_tensors(decoded))
    write_json(folder / "case.json", {
        "kind": "image-sources",
        "files": list(files),
        "note": "decoded.safetensors: uint8 [height, width, 3] by file name, orientation applied",
        "tolerance": {"png": 0, "jpeg": JPEG_TOLERANCE},
    })
    return decoded


def decode(data: bytes) -> np.ndarray:
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if picture.mode in ("I", "I;16"):  # Pillow's own conversion would clip at 255
        high = (np.asarray(picture).astype(np.int64) >> 8).astype(np.uint8)
        return np.repeat(high[:, :, None], 3, axis=2)
    if picture.mode in ("LA", "La", "RGBA", "PA"):  # alpha is dropped, not composited
        picture = picture.convert("RGBA").convert("RGB")
    return np.asarray(picture.convert("RGB"))


def scene(height: int, width: int) -> np.ndarray:
    """Smooth colours with an edge in them."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    channels = [0.5 + 0.5 * np.sin(7 * x + 3 * y), y, 0.5 + 0.5 * np.cos(5 * y - 4 * x)]
    picture = np.stack(channels, axis=2)
    picture[(x - 0.5) ** 2 + (y - 0.3) ** 2 < 0.04] = (0.9, 0.2, 0.1)
    return (picture * 255).astype(np.uint8)


def png_files() -> dict[str, bytes]:
    randomness = np.random.default_rng(7)
    colors = scene(19, 26)
    gray = colors[:, :, 0]
    alpha = randomness.integers(0, 256, gray.shape, dtype=np.uint8)
    sixteen = randomness.integers(0, 65536, (11, 13), dtype=np.uint16)
    indices = (gray // 16).astype(np.uint8)
    palette = randomness.integers(0, 256, 48, dtype=np.uint8).tobytes()
    turned = Image.Exif()
    turned[ORIENTATION] = 6
    return {
        "noise.png": saved(randomness.integers(0, 256, (29, 37, 3), dtype=np.uint8)),
        "scene.png": saved(colors),
        "gray.png": saved(gray),
        "gray-alpha.png": saved(np.dstack([gray, alpha])),
        "rgba.png": saved(np.dstack([colors, alpha])),
        "rgb16.png": png(randomness.integers(0, 65536, (9, 10, 3)).astype(">u2"), 16, 2),
        "gray16.png": png(sixteen.astype(">u2"), 16, 0),
        "gray1.png": png(gray // 128, 1, 0),
        "gray2.png": png(gray // 64, 2, 0),
        "gray4.png": png(gray // 16, 4, 0),
        "palette4.png": png(indices, 4, 3, (b"PLTE", palette)),
        "palette8-transparent.png": png(
            indices, 8, 3, (b"PLTE", palette), (b"tRNS", bytes(range(0, 256, 16)))
        ),
        "palette2-interlaced.png": png(indices % 4, 2, 3, (b"PLTE", palette[:12]), interlaced=True),
        "color-transparent.png": png(colors, 8, 2, (b"tRNS", bytes([0, 5, 0, 6, 0, 7]))),
        "interlaced.png": png(colors, 8, 2, interlaced=True),
        "text.png": png(
            gray, 8, 0, (b"gAMA", struct.pack(">I", 45455)),
            (b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 20000)), (b"tEXt", b"Title\0scene"),
        ),
        "exif.png": saved(scene(8, 14), exif=turned),
        "tall.png": saved(scene(60, 5)),
        "wide.png": saved(scene(4, 70)),
        "one-pixel.png": saved(np.array([[[200, 100, 50]]], dtype=np.uint8)),
    }


def saved(pixels: np.ndarray, format: str = "PNG", **options) -> bytes:
    mode = "LA" if pixels.ndim == 3 and pixels.shape[2] == 2 else None
    output = io.BytesIO()
    Image.fromarray(pixels, mode).save(output, format, **options)
    return output.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(samples: np.ndarray, depth: int, color: int, *chunks, interlaced: bool = False) -> bytes:
    """A PNG file of a kind that Pillow does not write."""
    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
                  (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b""
    for top, left, down, right in passes:
        part = samples[top::down, left::right]
        if part.size:
            rows += b"".join(b"\0" + packed(row, depth) for row in part)
    body = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(*each) for each in body)


def packed(row: np.ndarray, depth: int) -> bytes:
    if depth >= 8:
        return row.tobytes()
    bits = "".join(format(int(sample), f"0{depth}b") for sample in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def jpeg_files() -> dict[str, bytes]:
    colors = scene(21, 30)
    options = {"quality": 85, "optimize": True}

    def jpeg(pixels: np.ndarray, **more) -> bytes:
        return saved(pixels, "JPEG", **options, **more)

    ink = Image.fromarray(colors).convert("CMYK")
    cmyk = io.BytesIO()
    ink.save(cmyk, "JPEG", **options)
    # The same bytes, declared to be luminance, chroma and black, are another valid picture.
    adobe = cmyk.getvalue().index(b"Adobe") + 11
    ycck = cmyk.getvalue()[:adobe] + b"\2" + cmyk.getvalue()[adobe + 1 :]
    files = {
        "photo-444.jpg": jpeg(colors, subsampling=0),
        "photo-422.jpg": jpeg(colors, subsampling=1),
        "photo-420.jpg": jpeg(colors, subsampling=2),
        "progressive.jpg": jpeg(colors, progressive=True),
        "restarts.jpg": jpeg(colors, restart_marker_blocks=1),
        "rgb.jpg": jpeg(colors, keep_rgb=True),
        "gray.jpg": jpeg(colors[:, :, 1]),
        "cmyk.jpg": cmyk.getvalue(),
        "ycck.jpg": ycck,
    }
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        files[f"exif-{orientation}.jpg"] = jpeg(scene(7, 12), exif=exif)
    motorola = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHH", 8, 1, ORIENTATION, 3, 1, 8, 0) + bytes(4)
    files["exif-motorola.jpg"] = jpeg(scene(7, 12), exif=motorola)
    return files


# Resizing and processing


def dump_resized(folder: Path, pixels: np.ndarray) -> None:
    sizes = [(13, 11), (40, 7), (29, 24)]
    resized = {}
    for number, name in enumerate(FILTERS):
        for height, width in sizes:
            picture = Image.fromarray(pixels).resize((width, height), resample=number)
            resized[f"{name}-{height}-{width}"] = np.asarray(picture)
    write_tensors(folder / "expected.safetensors", as_tensors(resized))
    write_json(folder / "case.json", {
        "kind": "image-resized",
        "file": "../sources/noise.png",
        "note": "filter-height-width: uint8 [height, width, 3], to be met exactly",
        "filters": FILTERS,
        "sizes": [list(size) for size in sizes],
    })


def processors() -> dict[str, tuple]:
    """For each case a class of transformers, its configuration, and the pictures."""
    files = ["noise.png", "gray16.png", "tall.png", "photo-420.jpg"]
    return {
        "clip": ("CLIPImageProcessor", {
            "image_processor_type": "CLIPImageProcessor", "do_resize": True, "do_center_crop": True,
            "do_rescale": True, "do_normalize": True, "do_convert_rgb": True, "resample": 3,
            "size": {"shortest_edge": 14}, "crop_size": {"height": 12, "width": 12},
            "rescale_factor": 1 / 255, **CLIP}, files),
        "clip-old": ("CLIPImageProcessor", {
            "feature_extractor_type": "CLIPFeatureExtractor", "do_resize": True,
            "do_center_crop": True, "do_normalize": True, "resample": 3, "size": 11,
            "crop_size": 13, **CLIP}, files),
        "vit-fast": ("ViTImageProcessor", {
            "image_processor_type": "ViTImageProcessorFast", "size": {"height": 9, "width": 15},
            "do_normalize": True, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6],
            "rescale_factor": 0.002}, files),
        "vit-old": ("ViTImageProcessor", {
            "feature_extractor_type": "ViTFeatureExtractor", "size": 10, "do_resize": True,
            "resample": 1}, files),
        "deit": ("DeiTImageProcessor", {
            "image_processor_type": "DeiTImageProcessor", "size": {"height": 16, "width": 16},
            "crop_size": {"height": 10, "width": 11}, "do_normalize": False}, files),
        "bit": ("BitImageProcessor", {
            "image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 12},
            "crop_size": {"height": 10, "width": 10}, "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225], "do_rescale": False}, files),
    }


def dump_case(
    folder: Path, decoded: dict[str, np.ndarray], name: str, configuration: dict, files: list[str]
) -> None:
    folder.mkdir(parents=True)
    write_json(folder / "preprocessor_config.json", configuration)
    kind = getattr(transformers, name + "Pil")
    pictures = [Image.fromarray(decoded[file]) for file in files]
    processor = kind(**configuration)
    values = processor(pictures, return_tensors="pt")["pixel_values"]
    kept = kind(**{**configuration, "do_rescale": False, "do_normalize": False})
    cropped = kept(pictures, return_tensors="pt")["pixel_values"]
    deviations = configuration.get("image_std", processor.image_std)
    scale = configuration.get("rescale_factor", 1 / 255)
    scale = scale if configuration.get("do_rescale", True) else 1
    write_tensors(folder / "expected.safetensors", {
        "cropped_uint8": cropped.to(torch.uint8), "pixel_values": values.float(),
    })
    normalizes = configuration.get("do_normalize", True)
    write_json(folder / "case.json", {
        "kind": "image",
        "processor": name,
        "files": [f"../sources/{file}" for file in files],
        "tolerance": {
            "from_decoded": {"cropped_uint8": 0, "pixel_values": 1e-05},
            "from_jpeg": {
                "cropped_uint8": JPEG_TOLERANCE,
                "pixel_values_per_unit": scale / min(deviations) if normalizes else scale,
            },
        },
    })


def as_tensors(arrays: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}


if __name__ == "__main__":
    main()
