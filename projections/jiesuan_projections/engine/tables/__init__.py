"""Tables: made, filled, compared, digested, rebuilt."""
