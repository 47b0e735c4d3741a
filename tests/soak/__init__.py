"""A normal mix of calls for a while, as visitors and tutors make them; what breaks meanwhile is in
tests/faults, who means harm in tests/hostile_mix."""
