#!/usr/bin/env python
"""Commands of the registry; without DATABASE_URL they bring up the embedded PostgreSQL first."""

import os
import sys

from django.core.management import execute_from_command_line

from registry import embedded_postgres


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    if not os.environ.get("DATABASE_URL"):
        try:
            os.environ["DATABASE_URL"] = embedded_postgres.start()
        except embedded_postgres.EmbeddedPostgresError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
