"""Output folder: the names of scored files, what must not be replaced, and the mark of a complete run."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from pyarrow import fs

from adapters.pyarrow.file_format import PARQUET_SUFFIXES
from adapters.pyarrow.scoring.output_files import read_small, remove, write_small
from adapters.pyarrow.scoring.scored_files import read_record
from adapters.pyarrow.table_files import root_of
from adapters.pyarrow.table_names import CSV_SUFFIXES
from adapters.pyarrow.table_path import TablePath
from domain.data.errors import InvalidData
from domain.data.quoting import quoted
from domain.errors import InvalidParameter
from domain.model.errors import OutputRefused
from domain.model.scoring import OutputFormat

SUCCESS = "_SUCCESS"
"""Name of the file that is written last, as Hadoop and Spark do."""
SUFFIXES = sorted((*PARQUET_SUFFIXES, *CSV_SUFFIXES), key=len, reverse=True)


class OutputFolder:
    """Folder for the scored files of a table.

    Parameters
    ----------
    output : str
    place : str
        Of the table.
    format : {'csv', 'parquet'}, optional
        By default that of the table.
    """

    def __init__(self, output: str, place: str, format: OutputFormat | None = None) -> None:  # noqa: A002  # the option's name
        self.path, self._place, self._format = TablePath(output), place, format

    def name_of(self, source: TablePath) -> str:
        """Return the name of a file below the place of the table."""
        return source.pure.relative_to(self._root_of(source)).as_posix()

    def targets(self, sources: Sequence[TablePath]) -> list[TablePath]:
        """Return the paths of the scored files.

        Raises
        ------
        InvalidParameter
            If the folder is that of a file of the table, or below the table, or no folder.
        InvalidData
            If two scored files would have one name.
        """
        if self.path.info().type == fs.FileType.File:
            raise InvalidParameter("output", str(self.path), "a folder, and is a file")
        self._require_apart(sources)
        targets = [self.path.joined(self._scored_name(self.name_of(source))) for source in sources]
        if len(set(targets)) < len(targets):
            repeated = next(target for target in targets if targets.count(target) > 1)
            raise InvalidData(f"predictions of two files would be written to {repeated}; rename one of the files")
        return targets

    def require_own(self, targets: Sequence[TablePath], digest: str) -> None:
        """Raise `OutputRefused` if the folder holds a complete run of another model, or files that are not scored."""
        done = self.success()
        if done is not None and done.get("digest") != digest:
            whose = f"another model, version {quoted(str(done['version']))}" if "version" in done else "another program"
            raise OutputRefused(str(self.path), f"its {SUCCESS} is of {whose}")
        for target in targets:
            if target.info().type != fs.FileType.NotFound and read_record(target) is None:
                raise OutputRefused(str(target), "the file is there and holds no predictions of Endeavour")

    def success(self) -> Mapping[str, Any] | None:
        """Return what a complete run has written, None if there is none."""
        text = read_small(self.path.joined(SUCCESS))
        if text is None:
            return None
        try:
            facts = json.loads(text)
        except ValueError:
            facts = None
        return facts if isinstance(facts, dict) else {}

    def begin(self) -> None:
        """Remove the mark of a complete run."""
        remove(self.path.joined(SUCCESS))

    def complete(self, facts: Mapping[str, Any]) -> None:
        """Write the mark of a complete run."""
        write_small(self.path.joined(SUCCESS), json.dumps(facts, indent=2).encode())

    def _root_of(self, source: TablePath) -> PurePath:
        return root_of(source.pure, TablePath(self._place).pure)

    def _require_apart(self, sources: Sequence[TablePath]) -> None:
        if _scheme(self.path) != _scheme(sources[0]):
            return
        real = PurePath if self.path.is_remote else _resolved
        output = real(self.path.pure)
        if output in {real(source.pure.parent) for source in sources}:
            raise InvalidParameter("output", str(self.path), "another folder than that of the data")
        place, source = TablePath(self._place).pure, sources[0]
        is_folder = source.pure != place and source.pure.is_relative_to(place)
        if (is_folder or "**" in place.parts) and output.is_relative_to(real(self._root_of(source))):
            raise InvalidParameter("output", str(self.path), "a folder outside of the data's")

    def _scored_name(self, name: str) -> str:
        suffix = next((end for end in SUFFIXES if name.lower().endswith(end)), "")
        if self._format is None or (self._format == "parquet") == (suffix in PARQUET_SUFFIXES):
            return name
        return f"{name[: len(name) - len(suffix)]}.{self._format}"


def _scheme(path: TablePath) -> str:
    return path.text.partition("://")[0] if path.is_remote else ""


def _resolved(path: PurePath) -> PurePath:
    """Return a path that two names of one folder have in common."""
    return Path(path).resolve()
