"""The whole stack on this machine, and the processes kept running."""
