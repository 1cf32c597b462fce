"""What agencies said of a person: enrolments, qualifications, filings, reports."""
