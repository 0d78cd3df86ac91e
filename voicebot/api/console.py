"""The console without the gateway: pages and the API, from a process that holds no calls and loads no models."""

from fastapi import FastAPI

from voicebot import console
from voicebot.api import v1
from voicebot.api.candidate.routes import router as candidate_page
from voicebot.archive.store import Archive
from voicebot.settings import Settings


def create_console(archive: Archive, settings: Settings) -> FastAPI:
    app = FastAPI(title="voicebot console", openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    app.mount(v1.PREFIX, v1.create_api(archive, settings))
    app.include_router(candidate_page(archive, settings))
    console.mount(app, archive, settings)
    return app
