"""CSV files of a lender's book as records: encodings, headers, cells. Says everything that is wrong, not the first."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from bot.store.import_columns import Column, columns

MOST_BYTES = 200_000_000
MOST_ROWS = 1_000_000
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
UNMARKED = ("utf-8", "gb18030")  # the second is what Excel saves in mainland China

Problem = tuple[str, int, str, str]  # file, line, column, reason


@dataclass(frozen=True)
class Record:
    """One row: values by column; columns that the file does not have are absent."""

    file: str
    line: int
    values: dict[str, Any]
    good: bool = True

    def problem(self, column: str, reason: str) -> Problem:
        return self.file, self.line, column, reason


@dataclass(frozen=True)
class Folder:
    """By file name: the good records, and the ids of bad rows, so that rows which refer to those are not blamed too."""

    records: dict[str, list[Record]]
    bad: dict[str, set[str]]
    problems: list[Problem]


def read_folder(folder: Path, zone: ZoneInfo, encoding: str | None) -> Folder:
    """All files of a book, each row by itself.

    Raises:
        BadInput: no such folder, none of the files in it, or no such encoding.
    """
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise BadInput(f"no such encoding: {encoding}", code="encoding") from None
    if not folder.is_dir():
        raise BadInput(f"no such folder: {folder}", code="folder")
    known = columns(zone)
    found = Folder({name: [] for name in known}, {name: set() for name in known}, [])
    present = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    for path in present:
        if path.name not in known:
            found.problems.append((path.name, 0, "", f"is none of {', '.join(known)}"))
            continue
        for one in _file(path, known[path.name], encoding):
            if not isinstance(one, Record):
                found.problems.append(one)
            elif one.good:
                found.records[path.name].append(one)
            else:
                found.bad[path.name].add(str(one.values[known[path.name][0].name]))
    if not present:
        raise BadInput(f"{folder} has none of {', '.join(known)}", code="folder")
    return found


def _file(path: Path, wanted: tuple[Column, ...], encoding: str | None) -> Iterator[Record | Problem]:
    try:
        if path.stat().st_size > MOST_BYTES:
            yield path.name, 0, "", f"is larger than {MOST_BYTES:,} bytes: split it"
            return
        text = _decode(path.read_bytes(), encoding)
    except OSError as error:
        yield path.name, 0, "", f"cannot be read: {error.strerror}"
        return
    except UnicodeError as error:
        yield (
            path.name,
            _line_of(error),
            "",
            f"is neither UTF-8 nor GB18030: {error}; name the encoding with --encoding",
        )
        return
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    seen: dict[str, int] = {}
    header: list[str] | None = None
    try:
        for cells in reader:
            start, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                wrong = list(_header(path.name, start, header, wanted))
                yield from wrong
                if wrong:
                    return
            elif len(seen) >= MOST_ROWS:
                yield path.name, start, "", f"more than {MOST_ROWS:,} rows: split the file"
                return
            else:
                yield from _row(path.name, start, header, cells, wanted, seen)
    except csv.Error as error:
        yield path.name, line, "", f"is not CSV from here on ({error}): is a quote left open?"
    if header is None:
        yield path.name, 1, "", "has no header"


def _decode(raw: bytes, encoding: str | None) -> str:
    if encoding is not None:
        return raw.decode(encoding).removeprefix("\ufeff")
    for mark, name in MARKS:
        if raw.startswith(mark):
            return raw.decode(name)
    try:
        return raw.decode(UNMARKED[0])
    except UnicodeDecodeError as first:
        try:
            return raw.decode(UNMARKED[1])
        except UnicodeDecodeError:
            raise first from None


def _line_of(error: UnicodeError) -> int:
    return error.object[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 1


def _header(file: str, line: int, header: list[str], wanted: tuple[Column, ...]) -> Iterator[Problem]:
    names = [column.name for column in wanted]
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        yield file, line, "", "columns are not separated by commas"
        return
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield file, line, name, "this column is there twice"
    for name in header:
        if name not in names:
            yield file, line, name, f"no such column; there are {', '.join(names)}"
    for column in wanted:
        if column.required and column.name not in header:
            yield file, line, column.name, "this column is missing"


def _row(
    file: str, line: int, header: list[str], cells: list[str], wanted: tuple[Column, ...], seen: dict[str, int]
) -> Iterator[Record | Problem]:
    by_name, values, good = dict(zip(header, map(str.strip, cells), strict=False)), {}, True
    if len(cells) != len(header):
        yield file, line, "", f"{len(cells)} cells under {len(header)} columns"
        yield Record(file, line, {wanted[0].name: by_name.get(wanted[0].name, "")}, False)
        return
    for column in wanted:
        cell = by_name.get(column.name, "")
        try:
            if cell:
                values[column.name] = column.read(cell)
            elif column.required:
                raise ValueError("is empty")
            elif column.name in by_name or column.empty is not None:
                values[column.name] = column.empty
        except ValueError as error:
            yield file, line, column.name, str(error)
            good = False
    key = by_name[wanted[0].name]
    if key and key in seen:
        yield file, line, wanted[0].name, f"{key!r} is also in line {seen[key]}"
        good = False
    seen.setdefault(key or f" {line}", line)
    yield Record(file, line, values if good else {wanted[0].name: key}, good)
