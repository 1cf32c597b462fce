"""Clearing around its rules: requests read, facts entered, answers written."""
