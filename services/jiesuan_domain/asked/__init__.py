"""A request as the law sees it: read, checked for form, and named."""
