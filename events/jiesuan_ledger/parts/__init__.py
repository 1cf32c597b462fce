"""What facts are made of: words of a kind, money that is conserved, blocks."""
