"""Public conformance suites, run on local copies: none of their files are kept here."""
