"""The npm packages, installed with npm from a registry of this machine that has nothing else. UPTAKE names the binary."""

import base64
import hashlib
import http.server
import json
import os
import platform
import shutil
import signal
import subprocess
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path

import pack

TARGET = f"{platform.machine()}-unknown-linux-musl"
OWN = pack.name(TARGET)


class Registry(http.server.BaseHTTPRequestHandler):
    """A registry of the tarballs in `folder`, as far as `npm install` asks it."""

    folder = None

    def do_GET(self):
        asked = self.path.lstrip("/").replace("%2f", "/").replace("%2F", "/")
        tarball = self.folder / Path(asked).name
        if asked.endswith(".tgz") and tarball.exists():
            return self.answer(200, tarball.read_bytes())
        found = [self.describe(tarball) for tarball in self.folder.glob("*.tgz")]
        versions = {package["version"]: package for package in found if package["name"] == asked}
        if not versions:
            return self.answer(404, b"{}")
        document = {"name": asked, "dist-tags": {"latest": max(versions)}, "versions": versions}
        return self.answer(200, json.dumps(document).encode())

    def describe(self, tarball):
        with tarfile.open(tarball) as tar:
            package = json.load(tar.extractfile("package/package.json"))
        digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        host, port = self.server.server_address
        return {**package, "dist": {"tarball": f"http://{host}:{port}/{tarball.name}", "integrity": f"sha512-{digest}"}}

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Npm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        Registry.folder = cls.folder / "packages"
        # The package of a platform that is not this one must not be installed.
        other = "x86_64-pc-windows-msvc"
        (cls.folder / "uptake.exe").write_text("not for this platform")
        (cls.folder / "licences").write_text("the licences")
        pack.main(Registry.folder, cls.folder / "licences", {TARGET: os.environ["UPTAKE"], other: cls.folder / "uptake.exe"})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        cls.registry = f"http://127.0.0.1:{server.server_port}/"
        cls.project = cls.install("project")

    @classmethod
    def install(cls, name, *options):
        project = cls.folder / name
        project.mkdir()
        (project / "package.json").write_text("{}")
        environment = {"PATH": os.environ["PATH"], "HOME": str(project), "npm_config_cache": str(cls.folder / "cache")}
        subprocess.run(["npm", "install", "--registry", cls.registry, "--no-audit", "--no-fund", "--fetch-retries=0", *options, "uptake"],
                       cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=300)
        return project

    def uptake(self, *arguments, project=None):
        return subprocess.run(["node_modules/.bin/uptake", *arguments], cwd=project or self.project, capture_output=True, text=True,
                              timeout=600)

    def test_the_package_of_this_platform_alone_is_installed(self):
        installed = sorted(path.name for path in (self.project / "node_modules/@uptake").iterdir())
        self.assertEqual(installed, [OWN.split("/")[1]])

    def test_it_runs_a_whole_check(self):
        self.assertIn(f"uptake {pack.version()}", self.uptake("--version").stdout)
        run = self.uptake("check")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("PASSED", run.stdout)

    def test_exit_codes_and_arguments_pass_through(self):
        self.assertEqual(self.uptake("check", "--rule", "TTL-02", "--defect", "expired-token-accepted").returncode, 1)
        run = self.uptake("check", "a file.yaml")
        self.assertEqual(run.returncode, 2)
        self.assertIn("a file.yaml", run.stderr)

    def test_signals_reach_the_binary_which_ends_in_its_own_way(self):
        for sent in [signal.SIGINT, signal.SIGTERM]:
            with self.subTest(sent=sent.name):
                command = ["node_modules/.bin/uptake", "load", "--rate", "5/s", "--size", "1KiB", "--duration", "60s"]
                process = subprocess.Popen(command, cwd=self.project, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                           stderr=subprocess.STDOUT, text=True)
                first = process.stdout.readline()
                self.assertTrue(first)
                process.send_signal(sent)
                rest = process.communicate(timeout=60)[0]
                self.assertEqual(process.returncode, 130, first + rest)

    def test_a_missing_platform_package_is_explained(self):
        project = self.install("bare", "--omit=optional")
        run = self.uptake("--version", project=project)
        self.assertEqual(run.returncode, 3)
        self.assertIn(OWN, run.stderr)
        self.assertIn("--omit=optional", run.stderr)

    def test_the_licences_come_with_the_binary(self):
        package = self.project / "node_modules" / OWN
        self.assertEqual((package / "THIRD-PARTY-LICENCES.txt").read_text(), "the licences")
        self.assertTrue((package / "LICENSE-MIT").exists())
        self.assertTrue((package / "LICENSE-APACHE").exists())

    def test_the_binary_is_executable_by_everybody(self):
        binary = self.project / "node_modules" / OWN / "uptake"
        self.assertEqual(binary.stat().st_mode & 0o111, 0o111)
        self.assertEqual(shutil.which("uptake", path=str(binary.parent)), str(binary))


if __name__ == "__main__":
    unittest.main()
