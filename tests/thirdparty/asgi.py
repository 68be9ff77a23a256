"""The tus servers that are libraries for ASGI, with uploads at /files and their data in the directory UPLOADS."""

import os
import pathlib

from fastapi import FastAPI
from tuspyserver import create_tus_router
from tussi import FilesystemStorage, TUSApp

UPLOADS = pathlib.Path(os.environ["UPLOADS"])
MAX_SIZE = 64 << 20


def tuspyserver():
    app = FastAPI()
    app.include_router(create_tus_router(prefix="files", files_dir=str(UPLOADS), max_size=MAX_SIZE))
    return app


def tussi():
    return TUSApp(storage=FilesystemStorage(directory=UPLOADS), completed_dir=UPLOADS / "completed", max_size=MAX_SIZE)
