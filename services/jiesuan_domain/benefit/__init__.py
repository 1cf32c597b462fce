"""What is paid: one small function per rule, its article in its docstring."""
