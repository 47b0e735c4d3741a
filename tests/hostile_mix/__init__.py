"""People who mean harm beside a normal mix of calls; what the others notice of them is measured."""
