"""Irregular forms of English and Polish words with their base forms; the data is in irregular_*.txt.

A line is `base: form form …`. Forms are folded, except those that would then be another word: rąk (of ręka)
stays apart from rak.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=None)
def base_forms(language: str) -> Mapping[str, tuple[str, ...]]:
    """Base forms (folded) by irregular form, of `en` or `pl`. Polish takes two megabytes of memory."""
    path = Path(__file__).with_name(f"irregular_{language}.txt")
    bases: dict[str, tuple[str, ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        base, _, forms = line.partition(": ")
        for form in forms.split():
            bases[form] = (*bases.get(form, ()), base)
    return bases
