"""Tools for developers: set-up and checks, in the standard library alone: they run before all else."""
