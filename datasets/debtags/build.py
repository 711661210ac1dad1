#!/usr/bin/env python3
"""Build four text-classification tasks from Debian's package index.

    build.py                 all examples, into the folder full beside this file
    build.py --short         the subset that the repository holds, beside this file
    build.py --output DIR    the same, somewhere else

The index is the one that apt holds on this machine, unless --packages and --translations name
files. README.md tells how the tasks are made. The same index gives the same bytes. Needs Python
3.9 and nothing else.
"""

from __future__ import annotations

import argparse
import glob
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Iterable, Iterator, NamedTuple, NoReturn, Optional

HERE = Path(__file__).resolve().parent
LISTS = "/var/lib/apt/lists/*Translation-en*"
WORDS = range(4, 49)  # how many words a text may have; longer ones are cut


class Part(NamedTuple):
    """A part of every task: its share of all projects, and its most examples."""

    percent: int
    full: int
    short: int


PARTS = {"train": Part(44, 6000, 0), "adapt": Part(42, 2000, 2000), "test": Part(14, 1500, 400)}


class Task(NamedTuple):
    """A question: a facet of debtags (None: the archive section), and the values of each label."""

    facet: Optional[str]
    labels: dict[str, set[str]]


TASKS = {
    "role": Task(
        "role",
        {
            "program": {"program"},
            "shared library": {"shared-lib"},
            "development library": {"devel-lib"},
            "documentation": {"documentation"},
            "application data": {"app-data"},
            "plugin": {"plugin"},
        },
    ),
    "language": Task(
        "implemented-in",
        {"C": {"c"}, "C++": {"c++"}, "Perl": {"perl"}, "Python": {"python"}},
    ),
    "interface": Task(
        "interface",
        {
            "graphical": {"graphical", "x11", "3d"},
            "command line": {"commandline", "shell"},
            "daemon": {"daemon"},
            "text mode": {"text-mode"},
        },
    ),
    "section": Task(
        None,
        {
            section: {section}
            for section in (
                "admin fonts games gnome graphics java mail math"
                " net ruby science sound text utils web x11"
            ).split()
        },
    ),
}


class Package(NamedTuple):
    """What the tasks need to know of a package."""

    name: str
    part: str
    text: str
    section: str
    tags: dict[str, set[str]]


class Example(NamedTuple):
    """A labelled text, and the hash that gives it its place."""

    text: str
    label: int
    order: int


def main() -> None:
    arguments = parse_arguments()
    output = arguments.output or (HERE if arguments.short else HERE / "full")
    packages = read_packages(arguments.packages, arguments.translations)
    limits = {
        name: part.short if arguments.short else part.full
        for name, part in PARTS.items()
        if part.short or not arguments.short
    }
    print(f"| task | label | {' | '.join(limits)} |\n|---|---|{'--:|' * len(limits)}")
    for name, task in TASKS.items():
        parts = examples(packages, name, task)
        chosen = {part: choose(parts[part], limit) for part, limit in limits.items()}
        write_task(output / name, task, chosen)
        print_counts(name, task, chosen)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="only the committed subset")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where the tasks go")
    parser.add_argument(
        "--packages", type=Path, metavar="FILE", help="what `apt-cache dumpavail` printed"
    )
    parser.add_argument(
        "--translations", type=Path, nargs="+", metavar="FILE", help="plain Translation-en files"
    )
    return parser.parse_args()


def fail(message: str) -> NoReturn:
    sys.exit(f"build.py: {message}")


def draw(*words: str) -> int:
    """A hash in the place of a random number: the same on every machine."""
    return int.from_bytes(hashlib.sha256("/".join(words).encode()).digest()[:8], "big")


# Reading the index


def read_packages(index: Optional[Path], translations: Optional[list[Path]]) -> list[Package]:
    """Every package of Debian's that the index describes, by name."""
    long = {
        record["Description-md5"]: record["Description-en"]
        for record in stanzas(translation_lines(translations))
        if "Description-en" in record and "Description-md5" in record
    }
    lines = read(index) if index else run(["apt-cache", "dumpavail"])
    packages = {}
    for record in stanzas(lines):
        # A description that no list holds belongs to another archive, or to a local package.
        if record.get("Description-md5") in long and "Package" in record:
            packages[record["Package"]] = package(record, long[record["Description-md5"]])
    if not packages:
        fail("the index describes no package; run `sudo apt-get update` first.")
    return [packages[name] for name in sorted(packages)]


def translation_lines(files: Optional[list[Path]]) -> list[str]:
    """The lines of the lists that hold the long descriptions."""
    if files:
        return [line for file in files for line in [*read(file), ""]]
    lists = sorted(glob.glob(LISTS))
    if not lists:
        fail(
            f"no list of English descriptions ({LISTS}) is on this machine;"
            " run `sudo apt-get -o Acquire::Languages=en update` first."
        )
    return run(["/usr/lib/apt/apt-helper", "cat-file", *lists])


def read(file: Path) -> list[str]:
    """The lines of a file."""
    try:
        return file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read as plain text: {error}.")


def run(command: list[str]) -> list[str]:
    """The lines that a command prints."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    except FileNotFoundError:
        fail(f"{command[0]} is not on this machine; pass --packages and --translations instead.")
    except subprocess.CalledProcessError as error:
        fail(f"{command[0]} failed with status {error.returncode}.")
    return result.stdout.decode("utf-8").split("\n")


def stanzas(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """The records of a control file, the lines of a field joined by newlines."""
    record: dict[str, str] = {}
    key = ""
    for line in [*lines, ""]:
        if not line:
            if record:
                yield record
            record = {}
        elif line[0] in " \t":
            record[key] = record.get(key, "") + "\n" + line.strip()
        else:
            key, _, value = line.partition(":")
            record[key] = value.strip()


def package(record: dict[str, str], description: str) -> Package:
    name = record["Package"]
    source = record.get("Source", name).split()[0]
    return Package(
        name=name,
        part=part_of(source),
        text=text_of(description, without=name),
        section=record.get("Section", "").split("/")[-1],
        tags=tags_of(record.get("Tag", "")),
    )


def part_of(source: str) -> str:
    """The part a source package belongs to, together with its other versions (gcc-11, gcc-12)."""
    project = re.sub(r"[\d.]+", "", source)
    ticket = draw("part", project) % 100
    for name, part in PARTS.items():
        if ticket < part.percent:
            return name
        ticket -= part.percent
    raise AssertionError("the shares of the parts add up to 100")


def text_of(description: str, without: str) -> str:
    """The short description and the first paragraph of the long one, without the package's name."""
    short, _, long = description.partition("\n")
    paragraph = " ".join(re.split(r"^\.$", long, maxsplit=1, flags=re.MULTILINE)[0].split())
    text = f"{short.rstrip('.')}. {paragraph}" if paragraph else short
    name = rf"(?<![\w+.-]){re.escape(without)}(?![\w+-])"
    text = re.sub(name, "this package", text, flags=re.IGNORECASE)
    text = re.sub(r"(?:^|(?<=[.!?] ))this package", "This package", text)
    return " ".join(text.split()[: WORDS[-1]])


def tags_of(field: str) -> dict[str, set[str]]:
    """The values of each facet in a Tag field, where both a::b and a::{b,c} are in use."""
    tags: dict[str, set[str]] = defaultdict(set)
    for facet, several, one in re.findall(r"([\w-]+)::(?:\{([^}]*)\}|([^\s,]+))", field):
        tags[facet].update(value.strip() for value in (several or one).split(","))
    return dict(tags)


# Making the tasks


def examples(packages: list[Package], name: str, task: Task) -> dict[str, list[Example]]:
    """The examples of each part: packages with one label of the task and nothing beside it."""
    label_of = {
        value: label for label, values in enumerate(task.labels.values()) for value in values
    }
    parts: dict[str, list[Example]] = {part: [] for part in PARTS}
    seen: set[str] = set()
    for package in packages:
        values = {package.section} if task.facet is None else package.tags.get(task.facet, set())
        labels = {label_of.get(value) for value in values - {"TODO"}}
        key = re.sub(r"[\W\d]+", " ", package.text.lower())  # versions of one text are one text
        if len(labels) != 1 or None in labels or len(key.split()) < WORDS[0] or key in seen:
            continue
        seen.add(key)
        order = draw("order", name, package.name)
        parts[package.part].append(Example(package.text, labels.pop(), order))
    return parts


def choose(examples: list[Example], limit: int) -> list[Example]:
    """As many examples as allowed, of every class the same number as far as they go.

    A smaller limit chooses a subset of what a larger one does.
    """
    ranks: Counter[int] = Counter()
    ranked = []
    for example in sorted(examples, key=lambda example: example.order):
        ranked.append((ranks[example.label], example.order, example))
        ranks[example.label] += 1
    return sorted((row[2] for row in sorted(ranked)[:limit]), key=lambda example: example.order)


def write_task(folder: Path, task: Task, parts: dict[str, list[Example]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "labels.json", json.dumps({"labels": list(task.labels)}, indent=2) + "\n")
    for part, examples in parts.items():
        rows = ({"text": example.text, "label": example.label} for example in examples)
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        write(folder / f"{part}.jsonl", "".join(lines))


def write(file: Path, content: str) -> None:
    """Writes beside the place and renames, so that no half of a file is ever seen."""
    beside = file.with_name(file.name + ".part")
    beside.write_text(content, "utf-8")
    os.replace(beside, file)


def print_counts(name: str, task: Task, parts: dict[str, list[Example]]) -> None:
    counts = [Counter(example.label for example in examples) for examples in parts.values()]
    for index, label in enumerate(task.labels):
        print(f"| {name} | {label} | {' | '.join(str(count[index]) for count in counts)} |")
    print(f"| {name} | all | {' | '.join(str(sum(count.values())) for count in counts)} |")


if __name__ == "__main__":
    main()
