"""The insured person: the state, and what one entry changes of it."""
