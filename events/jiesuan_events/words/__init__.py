"""The words that contracts are made of: fields, money, instants, topics, names."""
