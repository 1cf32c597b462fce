"""The clerk: enters what the law decided, and writes the answer."""
