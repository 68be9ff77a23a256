"""A collector that others wrote understands every push, and loses no figure."""

import unittest

from collector import Collector
from support import Receiver, Run, attributes

LOAD = ("--rate", "50/s", "--duration", "4s", "--size", "4KiB")


def latest(requests):
    """The newest data point of each metric and set of attributes, with the metric that it belongs to."""
    points = {}
    for request in requests:
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in getattr(metric, metric.WhichOneof("data")).data_points:
                        key = (metric.name, frozenset(attributes(point).items()))
                        if key not in points or points[key].time_unix_nano <= point.time_unix_nano:
                            points[key] = point
    return points


class RealCollector(unittest.TestCase):
    """uptake, the collector, and a receiver behind it."""

    def test_a_collector_passes_on_the_figures_of_the_report(self):
        """Counts and histograms are those of the report after the collector decoded and encoded them."""
        with Receiver() as behind, Collector(to=behind.url) as collector:
            run = Run(*LOAD, "--metrics", f"otlp={collector.url}", OTEL_METRIC_EXPORT_INTERVAL="1000", OTEL_SERVICE_NAME="nightly")
            log = collector.stop()
            self.assertEqual(run.code, 0, run.stderr)
            self.assertNotIn("collector", run.stderr)
            self.assertNotIn("ERROR", log)
            self.assertTrue(behind.requests, log)
            names = {attributes(r.resource)["service.name"] for q in behind.requests for r in q.resource_metrics}
            self.assertEqual(names, {"nightly"})
            points = latest(behind.requests)
            completed = run.report["summary"]["uploads"]
            self.assertGreater(completed, 150)
            of = lambda name, **wanted: [
                point for (metric, labels), point in points.items() if metric == name and wanted.items() <= dict(labels).items()
            ]
            (uploads,) = of("uptake.load.uploads", outcome="completed")
            self.assertEqual(uploads.as_int, completed)
            (goodput,) = of("uptake.load.goodput")
            self.assertEqual(goodput.as_int, completed * 4096)
            (upload,) = of("uptake.load.phase", phase="upload")
            self.assertEqual(upload.count, completed)
            self.assertEqual(upload.zero_count + sum(upload.positive.bucket_counts), completed)
            reported = {name for name, phase in run.report["phases"].items() if phase}
            self.assertEqual({dict(labels)["phase"] for metric, labels in points if metric == "uptake.load.phase"}, reported)


if __name__ == "__main__":
    unittest.main()
