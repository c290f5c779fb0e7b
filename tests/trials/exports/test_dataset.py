"""The data set that `export_dataset` writes."""

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import frictionless
import pytest
from django.core.management import call_command
from django.test import Client

from tests.dom import tree
from tests.trials.exports.studies import hard_trial
from trials.exports.table import OUTCOMES, TRIALS

pytestmark = pytest.mark.django_db
NAME = "ardsinfo-2026-11-30"
MEMBERS = [
    "LICENCE.md", "README.md", "SHA256SUMS", "datapackage.json", "outcomes.csv", "trials.csv", "trials.json",
    "trials.ris",
]  # fmt: skip


def export(folder: Path) -> Path:
    call_command("export_dataset", str(folder), verbosity=0)
    (archive,) = folder.glob("*.zip")
    return archive


@pytest.mark.usefixtures("all_records")
def test_data_set_is_one_dated_folder_and_zip_file_with_checksums(tmp_path: Path) -> None:
    archive = export(tmp_path)
    assert archive.name == f"{NAME}.zip"
    assert sorted(path.name for path in (tmp_path / NAME).iterdir()) == MEMBERS
    with zipfile.ZipFile(archive) as file:
        assert file.namelist() == [f"{NAME}/{member}" for member in MEMBERS]
        assert {each.compress_type for each in file.infolist()} == {zipfile.ZIP_STORED}
        assert len({each.date_time for each in file.infolist()}) == 1
        assert file.testzip() is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, f"{NAME}.zip"]
    run = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / NAME, capture_output=True, text=True)
    assert (run.returncode, run.stdout.count(": OK")) == (0, len(MEMBERS) - 1)


@pytest.mark.usefixtures("all_records")
def test_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first = hashlib.sha256(export(tmp_path / "first").read_bytes()).hexdigest()
    export(tmp_path / "second")
    assert hashlib.sha256(export(tmp_path / "second").read_bytes()).hexdigest() == first


@pytest.mark.usefixtures("all_records")
def test_package_is_valid(tmp_path: Path) -> None:
    hard_trial(slug="zzz-2021", doi="10.1000/zzz", pmid="99", pmcid="PMC99")
    archive = export(tmp_path)
    folder = tmp_path / archive.stem
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    package = frictionless.Package(str(folder / "datapackage.json"))
    rows = package.get_resource("trials-csv").read_rows()
    assert len(rows) == 9
    hard = next(row for row in rows if row["id"] == "zzz-2021")
    assert (hard["people"], hard["authors_complete"], hard["infusions"]) == (20, True, None)
    assert hard["authors"].startswith("Adaş, Gökhan; Işıksaçan, Nilgün; البحيري, أحمد; García-Peña, José")
    described = json.loads((folder / "datapackage.json").read_text())
    assert described["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert [resource["name"] for resource in described["resources"]] == [
        "trials-csv", "outcomes-csv", "trials-json", "trials-ris",
    ]  # fmt: skip


@pytest.mark.usefixtures("all_records")
def test_page_on_the_data_links_the_data_sets(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.DATASET_FOLDER = tmp_path / "missing"
    assert "No data set has been made yet." in tree(client.get("/data/")).text
    settings.DATASET_FOLDER = tmp_path
    archive = export(tmp_path)
    link = tree(client.get("/data/")).one("section", aria_labelledby="releases").one("a")
    response = client.get(link["href"])
    assert (link["href"], response["Content-Type"]) == (f"/data/{NAME}.zip", "application/zip")
    assert b"".join(response.streaming_content) == archive.read_bytes()
    assert client.get("/data/ardsinfo-2020-01-01.zip").status_code == 404


@pytest.mark.usefixtures("all_records")
def test_page_on_the_data_explains_every_column(client: Client) -> None:
    page = tree(client.get("/data/"))
    explained = [
        row.one("th").text for table in page.all("table") for row in table.all("tr") if row.all("td") and row.all("th")
    ]
    assert explained == [column.name for column in (*TRIALS, *OUTCOMES)]
