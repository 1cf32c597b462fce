"""What could not be understood, byte for byte."""
