"""Pages of the supervision of rented land."""
