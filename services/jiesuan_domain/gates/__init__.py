"""Who may settle: one small function per gate, each with its code and article."""
