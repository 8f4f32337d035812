"""The door through which production serves: fails closed when the configuration is unsafe."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
os.environ.setdefault("SIMPUL_MODE", "production")

from django.core.wsgi import get_wsgi_application

from registry.checks import refuse_unreadable_keys, refuse_unsafe_database

application = get_wsgi_application()
refuse_unsafe_database()
refuse_unreadable_keys()
