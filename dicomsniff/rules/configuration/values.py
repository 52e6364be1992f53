"""What a site may set, ready for the rules; and the one error for a setting that cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from dicomsniff.core.records import dataclass
from dicomsniff.rules.finding import Severity
from dicomsniff.rules.known_aes import KnownAe
from dicomsniff.rules.rule import Thresholds


class ConfigurationError(ValueError):
    """A setting that cannot be meant; one line says which, and the nearest that can."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """`thresholds`: where ordinary ends. `severities`: by rule id, in place of the rule's own. `select`, `ignore`: rules,
    as `catalogue.choose` takes them. `known_aes`: which titles live where; a title on several hosts is a cluster."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    severities: Mapping[str, Severity] = field(default_factory=lambda: MappingProxyType({}))
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    known_aes: tuple[KnownAe, ...] = ()
