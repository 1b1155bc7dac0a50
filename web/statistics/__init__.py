"""Statistics: a leader's first page, supervision, ledgers, the summary tables and the yearly form."""
