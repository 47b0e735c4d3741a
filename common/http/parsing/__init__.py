"""Takes requests apart: path parameters, query strings, JSON bodies, forms. What a value must be is said
in `schemas`."""
