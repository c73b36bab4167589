"""Packages from npm that tests run as they are: fetched once, checked, and never committed."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

CLIENTS = Path(__file__).resolve().parents[2] / "var" / "test-clients"


@dataclass(frozen=True)
class NpmPackage:
    """A package at one version; `sha512` is the checksum of its archive, as lock files have it."""

    name: str
    version: str
    sha512: str

    def fetch(self) -> Path:
        """Return the unpacked package's folder; skips the test where npm cannot get it."""
        folder = CLIENTS / f"{self.name}-{self.version}"
        if not folder.exists():
            self._unpack(self._download(), folder)
        return folder / "package"

    def _download(self) -> Path:
        CLIENTS.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", f"{self.name}@{self.version}", "--silent"]
        try:
            subprocess.run(command, cwd=CLIENTS, check=True, capture_output=True, timeout=120)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"could not set up {self.name} {self.version} from npm: {error}")
        return CLIENTS / f"{self.name}-{self.version}.tgz"

    def _unpack(self, archive: Path, folder: Path) -> None:
        checksum = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert checksum == self.sha512, f"{archive.name} is not the archive that was pinned"
        with tarfile.open(archive) as opened:
            # As an attribute, since Python 3.11.2, which is Debian 12's, has no filters yet.
            opened.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            opened.extractall(folder)  # noqa: S202 -- the checksum says what is in it


ALLOY_FRONTEND = NpmPackage(
    "alloy-frontend",
    "2.1.1",
    "E31J7OYmjxWz5eZV2cjgzTnjp/CAbS0bwco2GUwszfhDINtPfL1JX7q8MmrWW23EPtpfoGn/LfwH+ELVIUZCzw==",
)
