"""What is measured, row by row."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Row:
    """One comparison: so many connections (or streams), each of which sends one upload after the other."""

    key: str
    title: str
    connections: int
    size: int
    tls: bool = False
    http2: bool = False
    close: bool = False

    @property
    def flags(self):
        """The server's."""
        return [f"--{name}" for name in ("tls", "http2", "close") if getattr(self, name)]

    def shown(self, rate):
        """A rate of requests, as people read it."""
        return f"{rate * self.size / MIB:,.0f} MiB/s" if self.size >= MIB else f"{rate:,.0f}/s"


ROWS = [
    Row("segments", "5 MiB, HTTP/1.1", 8, 5 * MIB),
    Row("small", "1 KiB, HTTP/1.1", 32, 1024),
    Row("connects", "1 KiB, a connection each", 32, 1024, close=True),
    Row("tls", "5 MiB, HTTP/1.1 over TLS", 8, 5 * MIB, tls=True),
    Row("tls-small", "1 KiB, HTTP/1.1 over TLS", 32, 1024, tls=True),
    Row("handshakes", "1 KiB, a TLS handshake each", 32, 1024, tls=True, close=True),
    Row("http2", "5 MiB, HTTP/2", 8, 5 * MIB, http2=True),
    Row("http2-tls", "5 MiB, HTTP/2 over TLS", 8, 5 * MIB, tls=True, http2=True),
    Row("http2-small", "1 KiB, HTTP/2", 32, 1024, http2=True),
]
