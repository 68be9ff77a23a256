#!/usr/bin/env python3
"""Packs the npm packages: `uptake`, which selects the binary, and one package with the binary for each platform.

    packaging/npm/pack.py DIRECTORY LICENCES TARGET=BINARY...

`uptake` depends on the packages of all platforms, so a release packs them together. The tarballs are written to DIRECTORY.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Platform and processor as Node.js names them, by target.
PLATFORMS = {
    "x86_64-unknown-linux-musl": ("linux", "x64"),
    "aarch64-unknown-linux-musl": ("linux", "arm64"),
    "x86_64-apple-darwin": ("darwin", "x64"),
    "aarch64-apple-darwin": ("darwin", "arm64"),
    "x86_64-pc-windows-msvc": ("win32", "x64"),
}
DESCRIPTION = "Tests that an upload endpoint keeps the delegated-upload contract, and measures it under load"


def version():
    text = (ROOT / "Cargo.toml").read_text()
    return re.search(r'^\[workspace\.package\]\nversion = "(.+)"', text, re.MULTILINE)[1]


def name(target):
    return "@uptake/{}-{}".format(*PLATFORMS[target])


def pack(package, files, out):
    """Packs a package; `files` are sources by their name in it."""
    package = {"version": version(), "license": "MIT OR Apache-2.0", **package}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        files = {**files, "LICENSE-MIT": ROOT / "LICENSE-MIT", "LICENSE-APACHE": ROOT / "LICENSE-APACHE"}
        for file, source in files.items():
            shutil.copy(source, folder / file)
            if file.startswith("uptake"):
                (folder / file).chmod(0o755)
        (folder / "package.json").write_text(json.dumps({**package, "files": list(files)}, indent=2) + "\n")
        subprocess.run(["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", out, folder], check=True,
                       stdout=subprocess.DEVNULL)


def main(out, licences, binaries):
    out.mkdir(parents=True, exist_ok=True)
    for target, binary in binaries.items():
        system, processor = PLATFORMS[target]
        file = "uptake.exe" if system == "win32" else "uptake"
        package = {"name": name(target), "description": f"The binary of uptake for {system} on {processor}", "os": [system],
                   "cpu": [processor], "preferUnplugged": True}
        pack(package, {file: binary, "THIRD-PARTY-LICENCES.txt": licences}, out)
    package = {"name": "uptake", "description": DESCRIPTION, "keywords": ["conformance", "upload", "testing", "load-testing"],
               "bin": {"uptake": "uptake.js"}, "engines": {"node": ">=18"},
               "optionalDependencies": {name(target): version() for target in PLATFORMS}}
    pack(package, {"uptake.js": HERE / "uptake.js", "README.md": HERE / "README.md"}, out)


if __name__ == "__main__":
    if len(sys.argv) < 4 or not all("=" in word for word in sys.argv[3:]):
        sys.exit("usage: packaging/npm/pack.py DIRECTORY LICENCES TARGET=BINARY...")
    given = dict(word.split("=", 1) for word in sys.argv[3:])
    unknown = given.keys() - PLATFORMS.keys()
    if unknown:
        sys.exit(f"pack.py: no package for {', '.join(sorted(unknown))}; there are {', '.join(PLATFORMS)}")
    main(Path(sys.argv[1]).resolve(), sys.argv[2], given)
