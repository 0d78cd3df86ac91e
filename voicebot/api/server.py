"""Runs the gateway's web application on a socket of its own."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import AsyncIterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from models.errors import PortInUse, UsageError
from telephony.media_stream import MAX_MESSAGE_BYTES
from voicebot.live_calls import LiveCalls

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


class Gateway(uvicorn.Server):
    """A server whose first SIGTERM lets its calls come to their end."""

    def __init__(self, config: uvicorn.Config, live_calls: LiveCalls) -> None:
        super().__init__(config)
        self._live_calls = live_calls
        self._draining: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and self._draining is None and self._live_calls:
            self._draining = asyncio.ensure_future(self._drain())
        else:
            super().handle_exit(sig, frame)

    async def _drain(self) -> None:
        await self._live_calls.drain()
        self.should_exit = True


def server(app: FastAPI, live_calls: LiveCalls) -> Gateway:
    """Stops at the first SIGTERM when the last of `live_calls` has ended, at once at a second one or SIGINT."""
    return Gateway(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            loop="asyncio",  # the one that calls are tested on, also where uvloop is installed
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=GOODBYE_S,
        ),
        live_calls,
    )


@contextlib.asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket, live_calls: LiveCalls | None = None) -> AsyncIterator[str]:
    """Serves `app` beside other work. Yields its address, such as 127.0.0.1:8080."""
    host, port = listener.getsockname()[:2]
    running = server(app, live_calls or LiveCalls(most=1))
    task = asyncio.create_task(running.serve(sockets=[listener]), name="gateway")
    try:  # whoever connects before the server is ready waits in the listener's queue
        yield f"{host}:{port}"
    finally:
        running.should_exit = True
        await task
