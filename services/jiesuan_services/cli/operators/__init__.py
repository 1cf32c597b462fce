"""Commands for operators: what runs, and how well."""
