"""Who a person is and what he may have."""
