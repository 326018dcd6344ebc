"""Starts the HubSpot simulator: python -m sandbox.hubspot_sim --help."""

import argparse
import sys
from pathlib import Path

from sandbox.hubspot_sim import create_app
from sandbox.hubspot_sim.project import load_project
from sandbox.hubspot_sim.project_errors import ProjectError
from sandbox.hubspot_sim.world import Options
from sandbox.origins import OriginError, Origins
from sandbox.serving import serve


def main() -> int:
    """Serve until a signal ends it. Returns 1, with the reason on standard error, when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.hubspot_sim", description=__doc__)
    parser.add_argument("--port", type=int, default=4800)
    parser.add_argument("--assets", type=Path, default=Path(".sandbox/build"), help="what the build wrote")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--client-secret", required=True)
    parser.add_argument("--app-id", type=int, default=1234567)
    parser.add_argument(
        "--origin", action="append", default=[], metavar="HTTPS=HTTP", help="a public origin and its loopback"
    )
    parser.add_argument("--gateway-url", default="http://127.0.0.1:4801")
    parser.add_argument("--gateway-token", default="", help="shown on the start page")
    given = parser.parse_args()
    try:
        origins = Origins.parse(given.origin)
        project = load_project(given.assets)
    except (OriginError, ProjectError) as error:
        print(f"hubspot_sim cannot start: {error}", file=sys.stderr)
        return 1
    options = Options(
        assets=given.assets,
        client_id=given.client_id,
        client_secret=given.client_secret,
        app_id=given.app_id,
        origins=origins,
        gateway_url=given.gateway_url.rstrip("/"),
        gateway_token=given.gateway_token,
    )
    serve(create_app(options, project), given.port, "hubspot_sim")
    return 0


if __name__ == "__main__":
    sys.exit(main())
