"""A server with its page on, and browsers of several shapes that look at it."""

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

KEY = "a secret of this test"
TOKEN = "a token of this test"
DOCS = Path(__file__).parents[2] / "docs" / "ui"


@contextmanager
def serving(**settings):
    """The base of a server with these settings, which has a key and its page, and offers its samples."""
    environment = {
        "PATH": os.environ["PATH"], "TINTYPE_HOST": "127.0.0.1", "TINTYPE_PORT": "0", "LOADER": "samples",
        "SECURITY_KEY": KEY, "API_TOKENS": TOKEN, "UI_ENABLED": "true", "RENDER_TIMEOUT": "60",
        "UI_GALLERY": "photo.jpg,portrait.jpg,tall.jpg,wide.jpg,transparent.png,animation.gif", **settings,
    }
    process = subprocess.Popen([os.environ["PROGRAM"]], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if found := re.search(r"listening on (http://[\d.:]+)", line):
                yield found[1]
                return
        raise RuntimeError("the server ended before it listened")
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def server():
    """A server that answers unsafe URLs and renders files of visitors."""
    with serving(ALLOW_UNSAFE_URL="true", RENDER_OPEN="true", UI_PREFIX="serverless-image-handler-ui") as base:
        yield base


@pytest.fixture(scope="session")
def strict_server():
    """A server as strangers meet it: signed URLs only, by imagor's scheme; it signs for who holds the token."""
    with serving(SIGNER_TYPE="sha256", SIGNER_TRUNCATE="40", SIGN_URLS="true") as base:
        yield base


@pytest.fixture(scope="session")
def later_server():
    """A server that takes requests of Serverless Image Handler 4 to 7 beside Thumbor's."""
    with serving(ALLOW_UNSAFE_URL="true", PROFILE="sih7") as base:
        yield base


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, server):
    """Opens the page; afterwards fails on any console error and any request that went elsewhere."""
    complaints, contexts = [], []

    def open_page(width=1280, height=900, scheme="light", at="/-/ui/", expect=(), server=server, picture=True):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)

        def said(message):
            if message.type == "error" and not any(word in message.text for word in expect):
                complaints.append(message.text)

        page.on("console", said)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((server, "blob:", "data:")) else complaints.append(f"asked {request.url}"))
        page.goto(server + at)
        page.wait_for_selector("#frame img" if picture else "#error:visible")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
