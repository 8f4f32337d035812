"""What a browser is told of every answer: a page's in registry/middleware.py, a static file's here."""

from typing import Any

from django.conf import settings

OWN_PAGES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# Alpine, which the admin's components are made of, compiles the expressions in its attributes.
ADMIN = OWN_PAGES.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'")
# Only geolocation is ever asked for: the place of a household.
PERMISSIONS = (
    "geolocation=(self), camera=(), microphone=(), display-capture=(), payment=(), usb=(), serial=(), "
    "hid=(), midi=(), accelerometer=(), gyroscope=(), magnetometer=(), browsing-topics=()"
)


def on_static_file(headers: Any, path: str, url: str) -> None:
    """WhiteNoise answers before most of the middleware, and packages bring HTML and SVG of their own."""
    headers["Content-Security-Policy"] = OWN_PAGES
    headers["Permissions-Policy"] = PERMISSIONS
    headers["X-Frame-Options"] = settings.X_FRAME_OPTIONS
