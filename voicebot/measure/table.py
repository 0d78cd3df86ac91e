"""CSV files that people bring to measure with."""

import csv
from collections.abc import Sequence
from pathlib import Path

from models.errors import InvalidFile, Problem, UsageError


def rows(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Each row with the line on which it begins; it has these columns, others may be there as well.

    Raises InvalidFile when it is no CSV or a column is missing, UsageError when it cannot be read at all.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, restval="")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                message = f"the first line lacks {', '.join(missing)}; it must name the columns {', '.join(columns)}"
                raise InvalidFile((Problem(str(path), 1, 1, message),))
            found, begins = [], 2
            for row in reader:
                found.append((begins, row))
                begins = reader.line_num + 1
            return found
    except OSError as error:
        raise UsageError(f"{path}: the file cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text; save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise InvalidFile((Problem(str(path), reader.line_num, 1, f"this is no CSV ({error})"),)) from error
