"""The units, by systemd itself."""

import os
import re

import pytest

PROGRAM = "/usr/local/bin/tintype"


@pytest.fixture
def units(root, tmp_path):
    """The units with the program that there is here in the place of an installed one."""
    for file in (root / "config/systemd").iterdir():
        (tmp_path / file.name).write_text(file.read_text().replace(PROGRAM, os.environ["PROGRAM"]))
    return tmp_path


def test_systemd_understands_the_units(run, units):
    run("systemd-analyze", "verify", "--man=no", "--recursive-errors=one", *sorted(str(unit) for unit in units.iterdir()))


def test_systemd_refuses_what_it_does_not_know(run, units):
    service = units / "tintype.service"
    service.write_text(service.read_text().replace("NoNewPrivileges=yes", "NoPrivileges=yes"))
    told = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=one", str(service), fails=True)
    assert "NoPrivileges" in told


def test_the_service_is_well_shut_in(run, units):
    table = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(units / "tintype.service"))
    exposure = re.search(r"Overall exposure level for tintype\.service: ([\d.]+)", table).group(1)
    assert float(exposure) <= 2.0, table
