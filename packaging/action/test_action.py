"""The GitHub Action, the GitLab component and the installer, run on this machine with the binary that UPTAKE names."""

import functools
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path
from xml.etree import ElementTree

import runner

ROOT = Path(__file__).resolve().parents[2]
UPTAKE = Path(os.environ["UPTAKE"]).resolve()
# One rule is enough to see that uptake ran; a defect that it finds makes the job fail.
QUICK = "--rule=TTL-02\n"
DEFECT = "--defect=expired-token-accepted\n"
TARGET = f"{os.uname().machine}-unknown-linux-musl"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.workspace = self.make("workspace")
        self.temp = self.make("temp")
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.make("home"))}

    def make(self, name):
        path = self.folder / name
        path.mkdir(parents=True)
        return path

    def put_on_path(self, program=UPTAKE):
        tools = self.make("tools")
        (tools / "uptake").symlink_to(program)
        self.env["PATH"] = f"{tools}:{self.env['PATH']}"

    def recorder(self, code=0):
        """An uptake that writes down its arguments and API key, and ends with a code."""
        program = self.folder / "recorder"
        program.write_text(
            "#!/usr/bin/env python3\nimport json, os, sys\n"
            "if sys.argv[1:] == ['--version']: sys.exit(print('uptake 9.9.9'))\n"
            "if sys.argv[1:] == ['check', '--help']: sys.exit(print('json=FILE, html=FILE'))\n"
            f"open({str(self.folder / 'call')!r}, 'w').write(json.dumps([sys.argv[1:], os.environ.get('UPTAKE_API_KEY')]))\n"
            f"sys.exit({code})\n"
        )
        program.chmod(0o755)
        self.put_on_path(program)

    def call(self):
        return json.loads((self.folder / "call").read_text())

    def release(self, at="latest/download", program=UPTAKE):
        """A server of a release, as GitHub lays it out; its address and its directory."""
        served = self.make("served")
        release = self.make(f"served/{at}")
        archive = release / f"uptake-{TARGET}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
            tar.add(program, f"uptake-{TARGET}/uptake")
        shutil.copy(ROOT / "packaging/install.sh", release)
        names = [archive.name, "install.sh"]
        sums = [f"{hashlib.sha256((release / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (release / "SHA256SUMS").write_text("".join(sums))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}", release

    def small_program(self):
        """Something small that answers as uptake does, so that an archive is quick to make."""
        program = self.folder / "small"
        program.write_text("#!/bin/sh\necho uptake 9.9.9\n")
        program.chmod(0o755)
        return program

    def action(self, inputs, ref="main"):
        github = {"server_url": "https://github.invalid", "action_repository": "owner/uptake", "action_ref": ref}
        return runner.run_action(ROOT, inputs, self.workspace, self.temp, self.env, github)


class Action(Case):
    def test_a_run_that_passes_writes_the_summary_the_reports_and_the_artifact(self):
        self.put_on_path()
        result = self.action({"args": QUICK})
        self.assertFalse(result.failed, result.log)
        self.assertIn("PASSED", result.summary)
        self.assertEqual(result.outputs["exit-code"], "0")
        report = json.loads((self.workspace / result.outputs["json"]).read_text())
        self.assertEqual([rule["id"] for rule in report["rules"] if rule["verdict"] == "passed"], ["TTL-02"])
        ElementTree.parse(self.workspace / result.outputs["junit"])
        ((uses, given),) = result.used
        self.assertTrue(uses.startswith("actions/upload-artifact@"))
        self.assertEqual(given["name"], "uptake-reports")
        self.assertEqual((self.workspace / given["path"] / "uptake.json").resolve(), (self.workspace / result.outputs["json"]).resolve())

    def test_a_run_that_fails_annotates_and_still_uploads_its_reports(self):
        self.put_on_path()
        result = self.action({"args": QUICK + DEFECT})
        self.assertTrue(result.failed)
        self.assertEqual(result.outputs["exit-code"], "1")
        self.assertRegex(result.log, r"(?m)^::error file=.*TTL-02")
        self.assertIn("TTL-02", result.summary)
        self.assertEqual(len(result.used), 1)
        self.assertTrue((self.workspace / result.outputs["json"]).exists())

    def test_a_waiver_excuses_a_failure(self):
        self.put_on_path()
        (self.workspace / "waivers.yaml").write_text("- { rule: TTL-02, reason: known, until: 2999-12-31 }\n")
        result = self.action({"args": QUICK + DEFECT, "waivers": "waivers.yaml"})
        self.assertFalse(result.failed, result.log)

    def test_a_baseline_excuses_a_failure(self):
        self.put_on_path()
        self.assertTrue(self.action({"args": QUICK + DEFECT, "reports": "first"}).failed)
        result = self.action({"args": QUICK + DEFECT, "baseline": "first/uptake.json"})
        self.assertFalse(result.failed, result.log)

    def test_invalid_input_is_annotated_and_summarised(self):
        self.put_on_path()
        result = self.action({"target": "missing.yaml"})
        self.assertTrue(result.failed)
        self.assertEqual(result.outputs["exit-code"], "2")
        self.assertIn("::error title=uptake::exit code 2: invalid input", result.log)
        self.assertIn("exit code 2", result.summary)

    def test_reports_of_an_earlier_run_are_removed(self):
        self.put_on_path()
        self.make("workspace/uptake-reports")
        (self.workspace / "uptake-reports/uptake.json").write_text("old")
        result = self.action({"target": "missing.yaml"})
        self.assertFalse((self.workspace / result.outputs["json"]).exists())

    def test_every_input_reaches_the_command_as_one_argument(self):
        self.recorder()
        inputs = {
            "target": "my target.yaml", "suite": "a'b", "waivers": "$(touch pwned)", "fail-on": "should", "baseline": "`touch pwned`",
            "args": "--rule=A B\n\n  --jobs=2  \n$(touch pwned)", "api-key": "secret \"key\"", "reports": "the reports",
        }
        result = self.action(inputs)
        self.assertFalse(result.failed, result.log)
        arguments, key = self.call()
        self.assertEqual(key, "secret \"key\"")
        for argument in ["--target=my target.yaml", "--suite=a'b", "--waivers=$(touch pwned)", "--fail-on=should",
                         "--baseline=`touch pwned`", "--rule=A B", "--jobs=2", "$(touch pwned)", "json=the reports/uptake.json",
                         "junit=the reports/uptake.xml", "html=the reports/uptake.html", "github"]:
            self.assertIn(argument, arguments)
        self.assertNotIn("", arguments)
        self.assertFalse((self.workspace / "pwned").exists())
        self.assertNotIn("secret", result.log)

    def test_inputs_that_are_not_given_are_not_passed_on(self):
        self.recorder()
        self.env["UPTAKE_API_KEY"] = "from the job"
        self.action({})
        arguments, key = self.call()
        self.assertEqual(key, "from the job")
        self.assertFalse([argument for argument in arguments if argument.startswith("--") and argument not in ("--report", "--fail-on=must")])

    def test_every_exit_code_fails_the_job_and_is_explained(self):
        for code, word in {2: "invalid input", 3: "could not test", 4: "nothing was tested", 75: "suspended", 130: "did not finish"}.items():
            with self.subTest(code=code):
                self.setUp()
                self.recorder(code)
                result = self.action({})
                self.assertTrue(result.failed)
                self.assertEqual(result.outputs["exit-code"], str(code))
                self.assertIn(word, result.log)
                self.assertIn(word, result.summary)

    def test_no_artifact_is_uploaded_if_its_name_is_empty(self):
        self.recorder()
        self.assertEqual(self.action({"artifact-name": ""}).used, [])


class Download(Case):
    def test_the_latest_release_is_downloaded_and_run(self):
        url, _ = self.release()
        result = self.action({"version": "latest", "download-url": url, "args": QUICK})
        self.assertFalse(result.failed, result.log)
        self.assertIn("installed uptake", result.log)
        self.assertEqual(result.outputs["exit-code"], "0")

    def test_the_version_is_found_in_the_input_and_in_the_tag_of_the_action(self):
        url, _ = self.release("download/v1.2.3", self.small_program())
        for inputs, ref in [({"version": "1.2.3"}, "main"), ({"version": "v1.2.3"}, "v9.9.9"), ({}, "v1.2.3")]:
            with self.subTest(inputs=inputs, ref=ref):
                result = self.action({"download-url": url, **inputs}, ref)
                self.assertIn("installed uptake 9.9.9", result.log)

    def test_a_version_is_downloaded_even_if_another_uptake_is_on_path(self):
        self.recorder()
        url, _ = self.release("download/v1.2.3", self.small_program())
        self.assertIn("installed", self.action({"version": "1.2.3", "download-url": url}).log)

    def test_a_changed_archive_is_refused_and_nothing_runs(self):
        url, release = self.release(program=self.small_program())
        with open(release / f"uptake-{TARGET}.tar.gz", "ab") as archive:
            archive.write(b"x")
        result = self.action({"version": "latest", "download-url": url})
        self.refused(result, "the SHA-256 sum of")

    def test_an_archive_without_a_sum_is_refused(self):
        url, release = self.release(program=self.small_program())
        (release / "SHA256SUMS").write_text(f"{'0' * 64}  other-uptake-{TARGET}.tar.gz\n")
        self.refused(self.action({"version": "latest", "download-url": url}), "SHA256SUMS has no sum for")

    def test_a_release_that_does_not_exist_is_named(self):
        url, _ = self.release(program=self.small_program())
        self.refused(self.action({"version": "7.7.7", "download-url": url}), "cannot download http")

    def test_an_invalid_version_is_refused(self):
        self.refused(self.action({"version": "newest", "download-url": "http://127.0.0.1:1"}), "invalid version `newest`")

    def refused(self, result, why):
        self.assertTrue(result.failed)
        self.assertRegex(result.log, rf"(?m)^::error title=uptake::.*{why}")
        self.assertEqual(result.ran, ["Install uptake"])
        self.assertFalse((self.temp / "uptake-bin").exists())

    def test_an_unknown_platform_is_refused(self):
        tools = self.make("fake")
        (tools / "uname").write_text("#!/bin/sh\n[ \"$1\" = -m ] && echo riscv64 || echo Linux\n")
        (tools / "uname").chmod(0o755)
        self.env["PATH"] = f"{tools}:{self.env['PATH']}"
        self.refused(self.action({"version": "latest", "download-url": "http://127.0.0.1:1"}), "there is no release for Linux on riscv64")


class Component(Case):
    def component(self, inputs):
        return runner.run_component(ROOT / "templates/check.yml", inputs, self.workspace, self.env)

    def test_a_run_that_passes_leaves_its_artifacts(self):
        self.put_on_path()
        code, log, artifacts = self.component({"args": "--rule TTL-02"})
        self.assertEqual(code, 0, log)
        self.assertTrue(all(path.exists() for path in artifacts))

    def test_a_run_that_fails_leaves_its_artifacts(self):
        self.put_on_path()
        code, log, artifacts = self.component({"args": "--rule TTL-02 --defect expired-token-accepted"})
        self.assertEqual(code, 1, log)
        self.assertTrue(all(path.exists() for path in artifacts))

    def test_inputs_reach_the_command(self):
        self.recorder()
        inputs = {"target": "my target.yaml", "suite": "s", "waivers": "w", "fail-on": "should", "baseline": "b", "args": "--rule A*"}
        code, log, _ = self.component(inputs)
        self.assertEqual(code, 0, log)
        for argument in ["--target=my target.yaml", "--suite=s", "--waivers=w", "--fail-on=should", "--baseline=b", "--rule", "A*"]:
            self.assertIn(argument, self.call()[0])

    def test_a_release_is_downloaded_and_run(self):
        url, _ = self.release("download/v1.2.3")
        code, log, _ = self.component({"version": "1.2.3", "download-url": url, "args": "--rule TTL-02"})
        self.assertEqual(code, 0, log)
        self.assertIn("installed uptake", log)

    def test_an_image_without_uptake_is_explained(self):
        self.env["PATH"] = "/usr/bin:/bin"
        code, log, _ = self.component({})
        self.assertEqual(code, 1)
        self.assertIn("The image has no uptake: set the input download-url", log)

    def test_options_are_held(self):
        with self.assertRaises(ValueError):
            self.component({"fail-on": "may"})


class Hook(Case):
    def test_pre_commit_runs_lint_on_the_changed_scenarios(self):
        if not shutil.which("pre-commit"):
            self.skipTest("pre-commit is not installed")
        self.put_on_path()
        # The hook's repository as pre-commit clones it: a commit with the hooks' file.
        hooks = self.make("hooks")
        shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
        self.commit(hooks)
        scenarios = self.make("workspace/scenarios")
        shutil.copy(ROOT / "fixtures/broken/bad-duration.yaml", scenarios / "bad.yaml")
        (self.workspace / "other.yaml").write_text("not: [a, scenario")
        self.commit(self.workspace)
        command = ["pre-commit", "try-repo", str(hooks), "uptake-lint-system", "--all-files", "--verbose"]
        done = subprocess.run(command, cwd=self.workspace, env=self.env, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("scenarios/bad.yaml", done.stdout)
        self.assertNotIn("other.yaml", done.stdout)
        (scenarios / "bad.yaml").write_text((ROOT / "scenarios/api-video/ttl/refused-after.yaml").read_text())
        self.commit(self.workspace)
        done = subprocess.run(command, cwd=self.workspace, env=self.env, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def commit(self, folder):
        for arguments in (["init", "-q"], ["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "x"]):
            subprocess.run(["git", *arguments], cwd=folder, env=self.env, check=True)


if __name__ == "__main__":
    unittest.main()
