"""Facts in, findings out: one file a rule, and a verdict for every rule."""
