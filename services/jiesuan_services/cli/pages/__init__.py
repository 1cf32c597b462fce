"""Pages for people: explanations in Chinese, amounts in yuan."""
