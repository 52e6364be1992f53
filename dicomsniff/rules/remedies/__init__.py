"""Where a setting would mend what a finding tells: the product that must change, known by how it names itself, and its setting."""
