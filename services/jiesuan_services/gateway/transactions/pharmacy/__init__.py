"""What a pharmacy sends: purchase and settlement in one."""
