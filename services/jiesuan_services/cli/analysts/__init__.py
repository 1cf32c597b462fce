"""Commands for analysts: what the read models say."""
