"""The pictures of README and documentation: drawings, and what is drawn from runs."""
