"""Prometheus scrapes a run, and knows its response times from native histograms."""

import json
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

from support import start


def free_port():
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Prometheus(unittest.TestCase):
    """A run of some seconds, scraped every second."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def ask(self, query):
        """The value of a query, once it has one."""
        url = f"http://{self.address}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
        deadline = time.monotonic() + 40
        while True:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    result = json.load(answer)["data"]["result"]
                if result:
                    return float(result[0]["value"][1])
            except OSError:
                pass
            self.assertLess(time.monotonic(), deadline, query)
            time.sleep(0.2)

    def test_quantiles_come_from_native_histograms(self):
        """64 KiB at 1 MiB/s take 62.5 ms."""
        report = Path(self.folder.name) / "report.json"
        child = start(
            "--rate", "20/s", "--duration", "20s", "--size", "64KiB", "--bandwidth", "1MiB/s",
            "--metrics", "prometheus=127.0.0.1:0", "--report", f"json={report}",
        )
        self.addCleanup(child.kill)
        scraped = child.stderr.readline().split("http://")[1].split("/")[0]
        config = Path(self.folder.name) / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s}\n"
            f"scrape_configs: [{{job_name: load, static_configs: [{{targets: ['{scraped}']}}]}}]\n"
        )
        self.address = f"127.0.0.1:{free_port()}"
        prometheus = subprocess.Popen(
            [
                "prometheus", "--enable-feature=native-histograms", f"--config.file={config}",
                f"--storage.tsdb.path={self.folder.name}/data", f"--web.listen-address={self.address}",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.addCleanup(prometheus.wait)
        self.addCleanup(prometheus.terminate)
        upload = 'uptake_load_phase_seconds{phase="upload",shard="1/1"}'
        self.ask(f"histogram_count({upload}) > 100")
        completed = 'uptake_load_uploads_total{outcome="completed"}'
        difference = self.ask(f"sum(histogram_count({upload})) - sum({completed})")
        self.assertEqual(difference, 0)
        median = self.ask(f"histogram_quantile(0.5, {upload})")
        child.communicate(timeout=60)
        self.assertEqual(child.returncode, 0)
        reported = json.loads(report.read_text())["phases"]["upload"]["p50"] / 1e6
        self.assertTrue(0.9 * reported < median < 1.1 * reported, (median, reported))


if __name__ == "__main__":
    unittest.main()
