"""The compose files, by Docker Compose itself: it reads them with its schema and says what it would start."""

import json

import pytest

FILES = ["compose.yaml", "compose.scaled.yaml"]


@pytest.fixture(params=FILES)
def project(request, run):
    text = run("docker-compose", "-f", f"docker/{request.param}", "config", "--format", "json")
    return json.loads(text)


def servers(project):
    return {name: service for name, service in project["services"].items() if "build" in service}


def test_every_file_that_is_mounted_is_there(project, root):
    for name, service in project["services"].items():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert (root / volume["source"]).exists(), f"{name}: {volume['source']}"


def test_servers_have_settings_that_the_program_takes(project, settings_are_good):
    for service in servers(project).values():
        shown = settings_are_good(service["environment"])
        assert 'LOADER = "s3" # environment' in shown


def test_servers_may_do_little(project):
    assert servers(project)
    for service in servers(project).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_nothing_is_open_to_others_than_this_machine(project):
    for name, service in project["services"].items():
        for port in service.get("ports", []):
            assert port["host_ip"] == "127.0.0.1", name


def test_nginx_names_every_replica(run, root):
    project = json.loads(run("docker-compose", "-f", "docker/compose.scaled.yaml", "config", "--format", "json"))
    conf = (root / "docker/nginx/replicas.conf").read_text()
    named = [line.split()[1] for line in conf.splitlines() if line.startswith("  server ")]
    assert named == [f"{name}:8888" for name in sorted(servers(project))]
    assert len(named) > 1
