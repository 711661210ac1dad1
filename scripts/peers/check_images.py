#!/usr/bin/env python3
"""Compare the pixel values that `merganser encode` wrote with those of transformers on Pillow.

    merganser encode MODEL IMAGES OUT.safetensors
    check_images.py MODEL IMAGES OUT.safetensors

MODEL is a directory with a preprocessor_config.json, IMAGES a folder of PNG and JPEG files, which
count in the order of their sorted paths. Exit status 1 if a picture differs by more than the
decoders of two versions of libjpeg may.

Needs Python with Pillow 12 (13 resizes differently), torch, transformers and safetensors.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image, ImageOps
from safetensors.torch import load_file

ENDINGS = {".png", ".jpg", ".jpeg"}
# Levels of 255, as in the golden cases: PNG is exact.
LARGEST = {".png": 0, ".jpg": 4, ".jpeg": 4}
MEAN = 0.6
ROUNDING = 1e-5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()

    files = sorted(f for f in arguments.images.rglob("*") if f.suffix.lower() in ENDINGS)
    found = load_file(arguments.output).get("pixel_values")
    if found is None or len(found) != len(files):
        count = "no pixel_values" if found is None else f"{len(found)} pictures"
        sys.exit(f"{arguments.output} holds {count}, {arguments.images} {len(files)} files.")
    process, per_level = processor(arguments.model)
    failures = [
        file for file, ours in zip(files, found) if not agrees(file, ours, process, per_level)
    ]
    print(f"{len(files) - len(failures)} of {len(files)} pictures agree")
    sys.exit(int(bool(failures)))


def processor(model: Path):
    """transformers' processor, and what one level of a sample is worth in its values."""
    configuration = json.loads((model / "preprocessor_config.json").read_text())
    name = configuration.get("image_processor_type", configuration.get("feature_extractor_type"))
    name = name.removesuffix("Fast").replace("FeatureExtractor", "ImageProcessor")
    process = getattr(transformers, name + "Pil")(**configuration)
    per_level = process.rescale_factor if process.do_rescale else 1
    if process.do_normalize:
        per_level /= min(process.image_std)
    return process, per_level


def agrees(file: Path, ours: torch.Tensor, process, per_level: float) -> bool:
    theirs = process(decode(file), return_tensors="pt")["pixel_values"][0]
    if ours.shape != theirs.shape:
        print(f"{file}: {[*ours.shape]}, but {[*theirs.shape]} in transformers")
        return False
    difference = (ours.double() - theirs.double()).abs()
    largest, mean = difference.max().item(), difference.mean().item()
    bound = LARGEST[file.suffix.lower()] * per_level + ROUNDING
    good = largest <= bound and mean <= MEAN * per_level + ROUNDING
    if not good or largest > ROUNDING:
        print(f"{file}: largest difference {largest:.3g}, mean {mean:.3g}")
    return good


def decode(file: Path) -> Image.Image:
    picture = ImageOps.exif_transpose(Image.open(file))
    if picture.mode in ("I", "I;16"):  # Pillow's own conversion would clip at 255
        picture = Image.fromarray((np.asarray(picture).astype(np.int64) >> 8).astype(np.uint8))
    if picture.mode in ("LA", "La", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")  # alpha is dropped, not composited
    return picture.convert("RGB")


if __name__ == "__main__":
    main()
