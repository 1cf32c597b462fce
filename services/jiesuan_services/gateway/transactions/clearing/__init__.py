"""Monthly clearing: cross-region rows, their confirmation, declarations and states."""
