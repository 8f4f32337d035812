"""Which browser the browser tests drive."""

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_SECONDS = 600


def find() -> str | None:
    """The path of an installed browser: the system's, else Playwright's own; None when there is neither."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def find_or_download() -> str | None:
    if path := find():
        return path
    try:
        download = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(download, check=True, timeout=DOWNLOAD_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return find()
