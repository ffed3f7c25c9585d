"""The desk's server: one process on this machine, behind whatever web server carries its host name."""

from __future__ import annotations

from passerelle.settings import Settings


def serve(settings: Settings) -> None:
    """Answer until stopped; links stand in addresses, so no address is written to a log."""
    import uvicorn

    from passerelle.desk.app import create_app

    uvicorn.run(
        create_app(settings),
        host="127.0.0.1",
        port=settings.desk_port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
