"""Facts and findings in, plain rows out, and from the rows HTML, JSON and text; the only place where patient data is masked."""
