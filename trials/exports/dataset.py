"""The data set: one folder and one zip file of everything public, with a description that programs read.

The same content gives the same bytes: the files are in a fixed order, their times are those of the content, and nothing
is compressed, since another version of a compressor would write other bytes.
"""

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from trials.exports.formats import FORMATS, content_date, iso_day
from trials.exports.json_ld import CC_BY
from trials.exports.table import OUTCOMES, TRIALS
from trials.listing.snapshot import snapshot
from trials.models import Trial

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
README = Path(__file__).with_name("dataset_readme.txt")
LICENCE = settings.BASE_DIR / "DATA-LICENSE.md"
TITLE = "ARDSinfo: studies of mesenchymal stem cells in acute respiratory distress syndrome"
MEMBERS = [FORMATS[name] for name in ("csv", "outcomes.csv", "json", "ris")]
COLUMNS = {"trials.csv": TRIALS, "outcomes.csv": OUTCOMES}
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # that a zip file can hold


class Release(NamedTuple):
    """A zip file that was written before. `name` is that of the file without its ending."""

    path: Path
    name: str
    day: str
    bytes: int


def releases() -> list[Release]:
    """Return the zip files in the folder of the data sets, newest first."""
    found = [path for path in settings.DATASET_FOLDER.glob("*.zip") if re.fullmatch(r"ardsinfo-[0-9-]{10}", path.stem)]
    return [Release(path, path.stem, path.stem[-10:], path.stat().st_size) for path in sorted(found, reverse=True)]


def write(parent: Path) -> Path:
    """Write the folder and the zip file of the present content below this folder, and return the zip file."""
    with snapshot():
        moment = content_date() or EARLIEST
        name = f"ardsinfo-{iso_day(moment)}"
        folder, new = parent / name, parent / f".{name}.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for kind in MEMBERS:
            with (new / kind.file_name).open("w", encoding="utf-8", newline="") as file:
                file.writelines(kind.chunks(Trial.objects.public().sorted_by("newest"), {}))
    texts = {
        "LICENCE.md": LICENCE.read_text(encoding="utf-8"),
        "README.md": README.read_text(encoding="utf-8").format(
            title=TITLE, date=iso_day(moment), address=f"{settings.SITE_URL}/data/"
        ),
        "datapackage.json": json.dumps(_package(new, moment), ensure_ascii=False, indent=1) + "\n",
    }
    for member, text in texts.items():
        (new / member).write_text(text, encoding="utf-8", newline="")
    sums = [f"{_sha256(path)}  {path.name}\n" for path in sorted(new.iterdir())]
    (new / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="")
    archive = parent / f"{name}.zip"
    _zip(sorted(new.iterdir()), name, moment, parent / f".{name}.zip.new").replace(archive)
    shutil.rmtree(folder, ignore_errors=True)
    new.replace(folder)
    return archive


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _zip(members: Iterable[Path], folder: str, moment: datetime, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for path in members:
            info = zipfile.ZipInfo(f"{folder}/{path.name}", moment.astimezone(UTC).timetuple()[:6])
            info.external_attr, info.create_system, info.file_size = 0o100644 << 16, 3, path.stat().st_size
            with path.open("rb") as source, file.open(info, "w") as target:
                shutil.copyfileobj(source, target, 1024 * 1024)
    return archive


def _package(folder: Path, moment: datetime) -> dict[str, Any]:
    """Return the description of the data set as a Data Package, version 2."""
    resources = []
    for kind in MEMBERS:
        path = folder / kind.file_name
        resource: dict[str, Any] = {
            "name": path.name.replace(".", "-"),
            "path": path.name,
            "description": f"{kind.label}: {kind.purpose}.",
            "mediatype": kind.media_type,
            "encoding": "utf-8",
            "bytes": path.stat().st_size,
            "hash": f"sha256:{_sha256(path)}",
        }
        if columns := COLUMNS.get(path.name):
            key = {"primaryKey": ["id"]} if columns is TRIALS else {}
            fields = [
                {"name": each.name, "type": each.kind, "description": each.meaning, "licence": each.licence}
                for each in columns
            ]
            schema = {"fields": fields, "missingValues": [""], **key}
            resource |= {"type": "table", "format": "csv", "schema": schema}
        resources.append(resource)
    return {
        "$schema": PROFILE,
        "name": "ardsinfo",
        "title": TITLE,
        "homepage": f"{settings.SITE_URL}/data/",
        "version": iso_day(moment),
        "created": moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "licenses": [{"name": "CC-BY-4.0", "path": CC_BY, "title": "For our own words; see LICENCE.md for the rest"}],
        "contributors": [{"title": "ARDSinfo", "path": settings.SITE_URL}],
        "resources": resources,
    }
