"""moto's server, with a bucket from the start: python moto_bucket.py BUCKET [OPTION...]"""

import sys

from moto.s3.models import s3_backends
from moto.server import main

s3_backends["123456789012"]["aws"].create_bucket(sys.argv[1], "us-east-1")
main(sys.argv[2:])
