"""The edge where requests are read: from a line of a file, or from a record."""
