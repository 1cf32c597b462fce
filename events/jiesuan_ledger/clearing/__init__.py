"""The log of clearing: its facts as structs, and the rule of all its readers."""
