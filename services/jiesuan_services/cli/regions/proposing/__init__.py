"""What is proposed to an agency, with its computation; a request decides."""
