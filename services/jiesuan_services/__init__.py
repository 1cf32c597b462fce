"""The processes: they listen, ask the law, and write its answer down."""
