"""The identity vault: names and numbers, encrypted per person, nowhere else."""
