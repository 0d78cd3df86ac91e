"""Runs the gateway's web application on a socket of its own."""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI

from models.errors import PortInUse, UsageError
from telephony.media_stream import MAX_MESSAGE_BYTES

GOODBYE_S = 5
"""How long a stopping server waits for its calls to be filed."""

MENDS = {
    errno.EADDRNOTAVAIL: "this machine has no such address; choose one of its own with --host, or 0.0.0.0 for all",
    errno.EACCES: "this port is for the administrator; choose one above 1023 with --port",
    socket.EAI_NONAME: "there is no such address; choose another with --host",
    socket.EAI_AGAIN: "this name cannot be looked up now; give --host an address in numbers",
}


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises PortInUse or UsageError."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"port {port} on {host} is in use: stop what listens there, or choose another with --port"
            ) from error
        mend = MENDS.get(error.errno or 0, f"{os.strerror(error.errno or 0).lower()}; choose another with --host")
        raise UsageError(f"cannot listen on {host}:{port}: {mend}") from error


def server(app: FastAPI) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=GOODBYE_S,
        )
    )


@contextlib.asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[str]:
    """Serves `app` beside other work. Yields its address, such as 127.0.0.1:8080."""
    host, port = listener.getsockname()[:2]
    running = server(app)
    task = asyncio.create_task(running.serve(sockets=[listener]), name="gateway")
    try:  # whoever connects before the server is ready waits in the listener's queue
        yield f"{host}:{port}"
    finally:
        running.should_exit = True
        await task
