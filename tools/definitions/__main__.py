"""`make hubspot-definitions`: write the stale ones of the generated files."""

from tools.definitions.files import write_all

for path in write_all() or ["nothing: all files are up to date"]:
    print(f"written: {path}")
