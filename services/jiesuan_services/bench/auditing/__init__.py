"""Figures of the auditor: one process, in memory, no servers; CPU time."""
