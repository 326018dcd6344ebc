"""`make hubspot-definitions`: rewrite the generated files that are stale."""

from tools.definitions.files import write_all

for path in write_all() or ["nothing: all files are up to date"]:
    print(f"written: {path}")
