"""What comes from a broker, whatever it is: read quickly, or byte by byte."""
