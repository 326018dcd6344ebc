"""The fields of the workflow actions, their texts and waits."""
