"""`python -m clinic.serve`: the clinic's web process."""

import logging
import os
import socket

import uvicorn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")


class Server(uvicorn.Server):
    """Ends the open streams before it waits for requests to end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the streams, then everything else."""
        from clinic.conversations.hub import hub
        from clinic.staff.stream import board

        hub.close()
        board.close()
        await super().shutdown(sockets)


def config() -> uvicorn.Config:
    """Return uvicorn's configuration from the settings. No access log: addresses of requests stay out of logs."""
    from django.conf import settings

    from clinic.asgi import application

    proxies = settings.ENV["TRUSTED_PROXIES"]
    return uvicorn.Config(
        application,
        host=settings.ENV["BIND"],
        port=settings.ENV["PORT"],
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
        limit_concurrency=4000,
        h11_max_incomplete_event_size=32 * 1024,
    )


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    settled = config()  # Imports the project, which everything below needs.

    from clinic.conversations import runner
    from clinic.staff import stream
    from clinic.visitors import api

    try:
        listening = socket.create_server((settled.host, settled.port), family=_family(settled.host), backlog=2048)
    except OSError as error:
        where = f"{settled.host}:{settled.port}"
        raise SystemExit(f"The address {where} (settings BIND, PORT) cannot be used: {error.strerror}.") from None
    with listening:
        try:
            Server(settled).run(sockets=[listening])
        except KeyboardInterrupt:
            pass
        finally:
            runner.close()
            api.close()
            stream.close()
    logging.getLogger(__name__).info("The web process has stopped.")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


if __name__ == "__main__":
    main()
