"""The report as one self-contained HTML page: rows in, text out; the only place that knows jinja2."""

from dicomsniff.report.html.render import render_html, write_html

__all__ = ["render_html", "write_html"]
