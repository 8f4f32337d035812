from households.admin import people, records, schemes

__all__ = ["people", "records", "schemes"]
