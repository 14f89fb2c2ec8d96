"""Starts the action server: `python -m actions --port 5055`.

It listens on loopback only; rasa-sdk's own command listens on every address.
"""

from __future__ import annotations

import argparse

from rasa_sdk.endpoint import create_app


def main() -> None:
    """Serve this package's actions until stopped."""
    parser = argparse.ArgumentParser(prog="python -m actions", description="Serve the custom actions on loopback.")
    parser.add_argument("--port", type=int, default=5055)
    arguments = parser.parse_args()
    app = create_app("actions", cors_origins=[])
    app.run(host="127.0.0.1", port=arguments.port, access_log=False, motd=False)


if __name__ == "__main__":
    main()
