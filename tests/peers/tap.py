"""A line to a carrier's API on which we listen, and on which answers may get lost."""

import asyncio
import contextlib
from urllib.parse import parse_qs


@contextlib.asynccontextmanager
async def tapped(api_url, unanswered=None):
    """Yields its URL, and the forms that are posted over it, as they come.

    `unanswered`: what the path ends with of the posts that arrive and whose answers do not.
    """
    forms = []

    async def pass_on(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        fields = (line.split(b":") for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        body = await reader.readexactly(next((int(value) for _, value in fields), 0))
        if posted := head.startswith(b"POST"):
            forms.append(parse_qs(body.decode()))
        host, port = api_url.removeprefix("http://").split(":")
        upstream, out = await asyncio.open_connection(host, int(port))
        out.write(head.replace(b"Connection: keep-alive", b"Connection: close") + body)
        answer = await upstream.read()
        out.close()
        if not (posted and unanswered and unanswered in head.split()[1]):
            writer.write(answer)
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(pass_on, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", forms
