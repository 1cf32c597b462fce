"""The law: decides, remembers, explains. No input or output, no clock, no chance."""
