"""The months of the regions (`contracts.md` §10): what is asked, decided, answered."""
