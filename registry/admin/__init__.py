from registry.admin import places, trails, users

__all__ = ["places", "trails", "users"]
