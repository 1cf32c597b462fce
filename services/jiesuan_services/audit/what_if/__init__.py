"""What-if: the same settlements under other packs; nothing is written anywhere."""
