"""The ways to a receiver: TLS with a certificate authority of one's own, and proxies."""

import tempfile
import unittest
from pathlib import Path

import trustme

from support import SECRET, Receiver, Run, Tunnel

LOAD = ("--rate", "50/s", "--duration", "2s", "--size", "4KiB")
# A name that no resolver knows: only a proxy leads to it.
ELSEWHERE = "collector.invalid"
HEADERS = {"OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{SECRET}"}


class Ways(unittest.TestCase):
    """Runs whose receiver is behind TLS, behind a proxy, or behind both."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        authority = trustme.CA()
        cls.certificate = authority.issue_cert("127.0.0.1", ELSEWHERE)
        cls.authority = str(Path(folder.name) / "ca.pem")
        authority.cert_pem.write_to_path(cls.authority)

    def arrived(self, receiver, run):
        """The run ended well, the receiver has its pushes and the credentials, and nothing was warned of."""
        self.assertEqual(run.code, 0, run.stderr)
        self.assertTrue(receiver.requests, run.stderr)
        self.assertEqual({headers["authorization"] for headers in receiver.headers}, {f"Bearer {SECRET}"})
        self.assertNotIn("metrics: ", run.stdout + run.stderr)

    def test_an_authority_of_ones_own_is_trusted(self):
        """OTEL_EXPORTER_OTLP_CERTIFICATE names it."""
        with Receiver(certificate=self.certificate) as receiver:
            run = Run(*LOAD, "--metrics", f"otlp={receiver.url}", OTEL_EXPORTER_OTLP_CERTIFICATE=self.authority, **HEADERS)
            self.arrived(receiver, run)

    def test_an_unknown_authority_gets_nothing(self):
        """One warning says what to set; figures and exit code are as without a receiver."""
        with Receiver(certificate=self.certificate) as receiver:
            run = Run(*LOAD, "--metrics", f"otlp={receiver.url}", **HEADERS)
            self.assertEqual((run.code, receiver.requests), (0, []), run.stderr)
            said = run.stdout + run.stderr
            self.assertEqual(said.count("OTEL_EXPORTER_OTLP_CERTIFICATE"), 1, said)
            self.assertGreater(run.report["summary"]["uploads"], 50)

    def test_a_proxy_leads_to_a_receiver(self):
        """HTTP_PROXY: the proxy is asked for the whole URL."""
        with Receiver() as proxy:
            run = Run(*LOAD, "--metrics", f"otlp=http://{ELSEWHERE}:4318", HTTP_PROXY=proxy.url, **HEADERS)
            self.arrived(proxy, run)
            self.assertEqual(set(proxy.paths), {f"http://{ELSEWHERE}:4318/v1/metrics"})

    def test_a_tunnel_leads_to_a_receiver_with_tls(self):
        """HTTPS_PROXY: the proxy sees the host's name, and neither figures nor credentials."""
        with Receiver(certificate=self.certificate) as receiver, Tunnel(receiver.port) as proxy:
            run = Run(
                *LOAD, "--metrics", f"otlp=https://{ELSEWHERE}:4318", HTTPS_PROXY=proxy.url,
                OTEL_EXPORTER_OTLP_CERTIFICATE=self.authority, **HEADERS,
            )
            self.arrived(receiver, run)
            self.assertEqual(set(proxy.hosts), {f"{ELSEWHERE}:4318"})

    def test_hosts_of_no_proxy_are_reached_directly(self):
        """NO_PROXY wins, and loopback needs no entry."""
        with Receiver() as receiver, Receiver(status=502) as proxy:
            run = Run(*LOAD, "--metrics", f"otlp={receiver.url}", HTTP_PROXY=proxy.url, NO_PROXY="other.invalid", **HEADERS)
            self.arrived(receiver, run)
            self.assertEqual(proxy.requests, [])


if __name__ == "__main__":
    unittest.main()
