"""The Dockerfile, by a linter that knows what engines make of it."""


def test_the_dockerfile_has_no_faults(run):
    # Versions of Debian's packages are those of the base image, which is pinned.
    assert run("hadolint", "--no-color", "--ignore", "DL3008", "Dockerfile") == ""


def test_the_image_runs_as_nobody_and_needs_no_shell(root):
    final = (root / "Dockerfile").read_text().split("\nFROM ")[-1]
    assert final.startswith("scratch\n")
    assert "\nUSER 65532:65532\n" in final
    assert "\nRUN" not in final
    for line in final.splitlines():
        if line.startswith(("CMD", "ENTRYPOINT", "HEALTHCHECK")):
            assert '["' in line, f"a shell would be needed: {line}"
