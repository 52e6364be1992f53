"""What a watch shows in, a page for browsers out, served on one address; the only place that knows starlette and uvicorn."""
