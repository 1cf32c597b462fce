"""The read models: one folder a table or a family of tables."""
