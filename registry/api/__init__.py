"""How the API answers: tokens, roles, pages, filters, and errors as RFC 9457 problem documents."""
