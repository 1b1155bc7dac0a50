"""The command line's groups, one file each; engine/cli.py puts them together."""
