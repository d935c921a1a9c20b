"""The servers: how each is installed, started and asked."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import procs

THUMBOR = "thumbor==7.8.*"
PIXEL_LIMIT = 200_000_000  # for the 100 MP picture; the peers' defaults are 75 and 64 MP


class Unavailable(Exception):
    """This server cannot take part; the text says why."""


class Server:
    """A running server. `url` gives None for what it cannot do."""

    def __init__(self, name, base, pid, url, version="", ours=False):
        self.name, self.base, self.pid = name, base, pid
        self.url, self.version, self.ours = url, version, ours
        self.process = None

    def get(self, path):
        """The answer's body, or None with a note when there is no good one."""
        try:
            with urllib.request.urlopen(self.base + path, timeout=120) as answer:
                return answer.read()
        except OSError as problem:
            print(f"{self.name}: {path}: {problem}", file=sys.stderr)
            return None

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()


def thumbor_url(op, file, quality=None):
    filters = [f"format({op.format})"] * bool(op.format) + [f"quality({quality})"] * bool(quality)
    chain = f"filters:{':'.join(filters)}/" if filters else ""
    fit = "fit-in/" if op.kind == "fit" else ""
    return f"/unsafe/{fit}{op.width}x{op.height}/{chain}{file}"


def oximg_url(op, file, quality=None):
    if op.kind != "fit":
        return None
    if quality:  # its second grammar has the quality
        options = [f"width={op.width}", f"quality={quality}"]
        options += [f"height={op.height}"] * bool(op.height) + [f"format={op.format}"] * bool(op.format)
        return f"/image/{','.join(options)}/{file}"
    return f"/resize/{op.width}/{op.height}/{file}" + (f"@{op.format}" if op.format else "")


def template_url(fit, crop):
    """URLs after a template such as `/resize:fit:{w}:{h}/plain/{file}`; the word `thumbor` means Thumbor's."""
    if fit == "thumbor":
        return thumbor_url

    def url(op, file, quality=None):
        template = fit if op.kind == "fit" else crop
        lacks_format = op.format and "{format}" not in (template or "")
        if not template or lacks_format or quality:
            return None
        same = file.rpartition(".")[2]
        return template.format(w=op.width, h=op.height, file=file, format=op.format or same)

    return url


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(name, command, environment, port, url, log, **more):
    with open(log, "wb") as output:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)
    for _ in range(200):
        if process.poll() is not None:
            raise Unavailable(f"{name} ended at once; see {log}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    else:
        process.terminate()
        raise Unavailable(f"{name} does not listen; see {log}")
    server = Server(name, f"http://127.0.0.1:{port}", process.pid, url, **more)
    server.process = process
    return server


def start_ours(spec, root, cache, keep_results=False):
    """`spec` is NAME=BINARY or NAME=BINARY,KEY=VALUE,... where the pairs become environment."""
    name, _, rest = spec.partition("=")
    binary, *pairs = rest.split(",")
    if not Path(binary).is_file():
        raise Unavailable(f"no binary at {binary}; build it with: cargo build --release --locked")
    port = free_port()
    environment = {
        "LOADER": "file",
        "FILE_LOADER_ROOT_PATH": str(root),
        "ALLOW_UNSAFE_URL": "true",
        "MAX_PIXELS": str(PIXEL_LIMIT),
        **({} if keep_results else {"CACHE_MAX_BYTES": "0"}),
        **dict(pair.split("=", 1) for pair in pairs),
    }
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    command = [binary, "serve", "--host", "127.0.0.1", "--port", str(port)]
    return _start(name, command, environment, port, thumbor_url, cache / f"{name}.log", version=version, ours=True)


def venv(cache):
    """The virtual environment with Thumbor, pyvips and Pillow, made at the first call."""
    python = cache / "venv" / "bin" / "python"
    if not (cache / "venv" / "complete").exists():
        print("installing Thumbor and pyvips into a virtual environment ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", cache / "venv"], check=True)
        install = [python, "-m", "pip", "install", "-q", THUMBOR, "pyvips", "pyvips-binary", "pillow"]
        subprocess.run(install, check=True)
        (cache / "venv" / "complete").touch()
    return python


def start_thumbor(root, cache):
    python = venv(cache)
    port = free_port()
    config = cache / "thumbor.conf"
    settings = {
        "LOADER": "thumbor.loaders.file_loader",
        "FILE_LOADER_ROOT_PATH": str(root),
        "STORAGE": "thumbor.storages.no_storage",
        "RESULT_STORAGE": None,
        "ALLOW_UNSAFE_URL": True,
        "MAX_PIXELS": PIXEL_LIMIT,
    }
    config.write_text("".join(f"{key} = {value!r}\n" for key, value in settings.items()))
    command = [python.parent / "thumbor", "-i", "127.0.0.1", "-p", str(port), "-c", config, "-l", "error"]
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True, check=False).stdout.strip()
    command += ["--processes", "2"]
    return _start("thumbor", command, {}, port, thumbor_url, cache / "thumbor.log", version=version)


def start_oximg(root, cache):
    binary = cache / "oximg" / "bin" / "oximg"
    if not binary.is_file():
        if not shutil.which("cmake") or not shutil.which("nasm"):
            raise Unavailable("oximg builds with cmake and nasm; install them first")
        print("building oximg (10 minutes or more) ...", file=sys.stderr)
        subprocess.run(["cargo", "install", "oximg", "--locked", "--root", cache / "oximg"], check=True)
    listing = subprocess.run(
        ["cargo", "install", "--list", "--root", cache / "oximg"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"^(oximg v\S+?):?$", listing, re.MULTILINE)
    port = free_port()
    environment = {
        "PORT": str(port),
        "OXIMG_BIND": "127.0.0.1",
        "IMAGES_DIR": str(root),
        "OXIMG_OPTIONS_PREFIX": "/image",
        "OXIMG_MAX_SRC_PIXELS": str(PIXEL_LIMIT),
    }
    log = cache / "oximg.server.log"
    return _start("oximg", [binary, "serve"], environment, port, oximg_url, log, version=version[1] if version else "")


def running_peer(name, base, fit, crop=None):
    port = int(base.rpartition(":")[2].strip("/"))
    return Server(name, base.rstrip("/"), procs.listener(port), template_url(fit, crop), version=base)
