"""The recipe of docs/running.md that backs up and restores PostgreSQL."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.services import Server, environment, manage, postgresql_programs

pytestmark = pytest.mark.postgresql


def test_recipe_backs_up_and_restores_postgresql(postgresql_server: Server, tmp_path: Path) -> None:
    address, file = postgresql_server.address, str(tmp_path / "ardsinfo.dump")
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS backup_recipe")
        server.execute("CREATE DATABASE backup_recipe")
    address = address.rpartition("/")[0] + "/backup_recipe"
    programs = postgresql_programs()
    manage(environment(tmp_path, DATABASE_URL=address), "migrate", "--verbosity", "0")
    subprocess.run([programs / "pg_dump", "--format=custom", "--no-owner", f"--file={file}", address], check=True)
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("UPDATE auth_group SET name = 'Spoilt' WHERE name = 'Editors'")
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={address}"]
    subprocess.run([programs / "pg_restore", *options, file], check=True)
    with psycopg.connect(address) as database:
        names = database.execute("SELECT name FROM auth_group ORDER BY name").fetchall()
    assert names == [("Editors",), ("Reviewers",), ("Site administrators",)]
