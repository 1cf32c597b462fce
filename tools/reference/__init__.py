"""The reference pages and the marks of the contract, made from the code itself."""
