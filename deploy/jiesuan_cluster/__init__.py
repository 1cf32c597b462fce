"""Any cluster's topics and roles: made if missing, checked at every start."""
