"""What bills are looked over for after the fact: findings, and a quote's warnings."""
