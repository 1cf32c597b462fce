"""What a process keeps on disk, and may lose: the logs tell it again."""
