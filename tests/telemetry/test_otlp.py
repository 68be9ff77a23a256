"""What a receiver of OTLP gets, and that a bad one disturbs nothing."""

import signal
import socket
import time
import unittest

from support import SECRET, Receiver, Run, attributes, metrics, start

LOAD = ("--rate", "50/s", "--duration", "4s", "--size", "4KiB")
EVERY_SECOND = {"OTEL_METRIC_EXPORT_INTERVAL": "1000"}
HEADERS = {"OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{SECRET}"}


def quantile(point, share):
    """The bounds in seconds of the bucket that a quantile is in."""
    rank = max(1, -(-share * point.count // 1))
    seen = point.zero_count
    base = 2 ** (2**-point.scale)
    for at, count in enumerate(point.positive.bucket_counts, point.positive.offset):
        seen += count
        if seen >= rank:
            return base**at, base ** (at + 1)
    raise AssertionError("fewer samples than counted")


class Otlp(unittest.TestCase):
    """Pushes of one run."""

    def test_pushes_have_the_figures_of_the_report(self):
        """The last push is the whole run; sums only grow."""
        with Receiver() as receiver:
            run = Run(
                *LOAD, "--metrics", f"otlp={receiver.url}", **EVERY_SECOND, **HEADERS,
                OTEL_SERVICE_NAME="nightly", OTEL_RESOURCE_ATTRIBUTES="run=a%2Cb",
            )
            self.assertEqual(run.code, 0, run.stderr)
            self.assertGreater(len(receiver.requests), 2)
            self.assertEqual(set(receiver.paths), {"/v1/metrics"})
            for headers in receiver.headers:
                self.assertEqual(headers["content-type"], "application/x-protobuf")
                self.assertEqual(headers["authorization"], f"Bearer {SECRET}")
            self.assertNotIn(SECRET, run.stdout + run.stderr + run.text)
            resource = attributes(receiver.requests[-1].resource_metrics[0].resource)
            wanted = {"service.name": "nightly", "run": "a,b", "uptake.shard": "1/1"}
            self.assertEqual(wanted, {name: resource.get(name) for name in wanted})
            last = metrics(receiver.requests[-1])
            self.assertEqual(last["uptake.load.goodput"].unit, "By")
            uploads = {attributes(p)["outcome"]: p.as_int for p in last["uptake.load.uploads"].sum.data_points}
            completed = run.report["summary"]["uploads"]
            self.assertGreater(completed, 150)
            self.assertEqual(uploads["completed"], completed)
            self.assertEqual(last["uptake.load.goodput"].sum.data_points[0].as_int, completed * 4096)
            growing = [metrics(r)["uptake.load.goodput"].sum.data_points[0].as_int for r in receiver.requests]
            self.assertEqual(growing, sorted(growing))
            histogram = last["uptake.load.phase"].exponential_histogram
            self.assertEqual(histogram.aggregation_temporality, 2)
            phases = {attributes(point)["phase"]: point for point in histogram.data_points}
            for point in phases.values():
                self.assertEqual(point.count, point.zero_count + sum(point.positive.bucket_counts))
                self.assertEqual(attributes(point)["shard"], "1/1")
            reported = run.report["phases"]["upload"]
            upload = phases["upload"]
            self.assertEqual(upload.count, completed)
            for share, name in [(0.5, "p50"), (0.99, "p99")]:
                lower, upper = quantile(upload, share)
                seconds = reported[name] / 1e6
                self.assertTrue(lower * 0.998 <= seconds <= upper * 1.002, (name, lower, seconds, upper))

    def test_variables_alone_push_nothing(self):
        """OTEL_* may be set for other programs."""
        with Receiver() as receiver:
            run = Run(*LOAD, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, **EVERY_SECOND)
            self.assertEqual((run.code, receiver.requests), (0, []))

    def test_bad_receivers_cost_one_warning(self):
        """Figures, exit code and duration are as without one."""
        refusing, rejecting, hanging = Receiver(status=401), Receiver(rejected=3), Receiver(hangs=True)
        with socket.socket() as closed, refusing, rejecting, hanging:
            closed.bind(("127.0.0.1", 0))
            for url, hint in [
                (f"http://127.0.0.1:{closed.getsockname()[1]}", "cannot connect: "),
                (refusing.url, "it returned 401"),
                (rejecting.url, "it rejected 3 data points"),
                (hanging.url, "did not respond to the last push within 5 s"),
            ]:
                with self.subTest(hint):
                    run = Run(*LOAD, "--metrics", "otlp", OTEL_EXPORTER_OTLP_ENDPOINT=url, **EVERY_SECOND, **HEADERS)
                    self.assertEqual(run.code, 0, run.stderr)
                    self.assertEqual((run.stdout + run.stderr).count(hint), 1, run.stdout + run.stderr)
                    self.assertGreater(run.report["summary"]["uploads"], 150)
                    self.assertLess(run.seconds, 4 + 5 + 6)
                    self.assertNotIn(SECRET, run.stdout + run.stderr + run.text)

    def test_an_interrupted_run_ends_within_a_bound(self):
        """The receiver hangs, and Ctrl-C is pressed once."""
        with Receiver(hangs=True) as receiver:
            child = start(
                "--rate", "20/s", "--duration", "60s", "--size", "4KiB", "--metrics", f"otlp={receiver.url}", **EVERY_SECOND
            )
            self.assertTrue(receiver.asked.wait(30))
            child.send_signal(signal.SIGINT)
            began = time.monotonic()
            _, stderr = child.communicate(timeout=60)
            self.assertLess(time.monotonic() - began, 5 + 8, stderr)

    def test_an_interrupted_run_pushes_what_it_has(self):
        """The last push comes after Ctrl-C."""
        with Receiver() as receiver:
            child = start("--rate", "20/s", "--duration", "60s", "--size", "4KiB", "--metrics", f"otlp={receiver.url}", **EVERY_SECOND)
            self.assertTrue(receiver.asked.wait(30))
            before = len(receiver.requests)
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=60)
            self.assertGreater(len(receiver.requests), before)


if __name__ == "__main__":
    unittest.main()
