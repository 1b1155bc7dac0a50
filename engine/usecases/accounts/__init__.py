"""Staff accounts: made by the system administrator, granted positions by the security administrator, recorded.

Kinds of account events: created, position_asked, position_granted, position_refused, position_ended, activated,
new_code, password_changed, second_factor_set, second_factor_removed, sessions_ended, locked, unlocked.
"""
