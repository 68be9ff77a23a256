"""A loop that does nothing but `sendfile`: the limit of a load over plain TCP.

    bare.py URL CONNECTIONS SIZE SECONDS      prints the number of requests and the seconds that they took
"""

import os
import socket
import sys
import tempfile
import threading
import time
import urllib.parse

from form import BOUNDARY, HEAD, TAIL

SEND_BUFFER = 256 * 1024


def worker(address, file, size, until, counts, at):
    start = (
        f"POST /upload?token=anything HTTP/1.1\r\nHost: {address[0]}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        f"Content-Length: {len(HEAD) + size + len(TAIL)}\r\n\r\n"
    ).encode() + HEAD
    with socket.create_connection(address) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < until:
            connection.sendall(start, socket.MSG_MORE)
            sent = 0
            while sent < size:
                sent += os.sendfile(connection.fileno(), file, sent, size - sent)
            connection.sendall(TAIL)
            answer = b""
            while not answer.endswith(b"}"):
                received = connection.recv(4096)
                if not received:
                    sys.exit("the server closed the connection")
                answer += received
            counts[at] += 1


def main():
    url, connections, size, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    parts = urllib.parse.urlsplit(url)
    counts = [0] * connections
    with tempfile.NamedTemporaryFile() as content:
        content.write(os.urandom(size))
        content.flush()
        started = time.monotonic()
        arguments = ((parts.hostname, parts.port), content.fileno(), size, started + seconds, counts)
        workers = [threading.Thread(target=worker, args=(*arguments, at)) for at in range(connections)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        print(sum(counts), time.monotonic() - started)


if __name__ == "__main__":
    main()
