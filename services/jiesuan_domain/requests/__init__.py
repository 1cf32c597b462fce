"""How each kind of request is decided: one module a kind."""
