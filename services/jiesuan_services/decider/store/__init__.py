"""The persons of a partition: a cache on disk, deleting it costs a replay."""
