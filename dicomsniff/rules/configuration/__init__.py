"""What a site tells dicomsniff about itself: a settings file and tables of AE titles in, values for the rules out."""

from pathlib import Path

from dicomsniff.rules.configuration.nearest import nearest_file
from dicomsniff.rules.configuration.values import Configuration, ConfigurationError

__all__ = ["Configuration", "ConfigurationError", "nearest_file", "read"]


def read(path: Path) -> Configuration:
    """See `settings_file.read`; that room is loaded here, as most sites have no settings."""
    from dicomsniff.rules.configuration import settings_file

    return settings_file.read(path)
