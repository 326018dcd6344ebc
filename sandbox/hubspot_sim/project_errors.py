"""The refusal of a project that the simulator cannot install."""


class ProjectError(ValueError):
    """The build's project.json is missing, or the simulator cannot install it. The text says where it fails."""
