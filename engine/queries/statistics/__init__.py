"""Figures of the register and the cases by place and time: summed in SQL by division, added up to the levels above."""
