"""What a site tells dicomsniff about itself: a settings file and tables of AE titles in, values for the rules out."""

from dicomsniff.rules.configuration.settings_file import nearest_file, read
from dicomsniff.rules.configuration.values import Configuration, ConfigurationError

__all__ = ["Configuration", "ConfigurationError", "nearest_file", "read"]
