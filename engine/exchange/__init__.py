"""Data from and to other systems: NY/T 2539 delivery packages, their quality rules, the demonstration county."""
