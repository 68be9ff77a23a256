"""The form that every tool sends: the one of uptake, around the bytes of a file."""

BOUNDARY = "uptake-0123456789abcdef"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="load.mp4"\r\n'
    "Content-Type: video/mp4\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
