"""What hospital systems really send, read into one clean shape; pure."""
