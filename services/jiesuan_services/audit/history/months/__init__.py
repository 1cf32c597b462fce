"""The months as of a point, from the facts of `jiesuan.clearing` and the ledger."""
