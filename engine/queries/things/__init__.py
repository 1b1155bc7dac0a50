"""The things of the register as its pages show them: how each stands on a day, what became of it, what is around it."""
