"""Examples and prose for the facets' place on the OpenAPI page."""

from typing import Any

from marketplace.facets.statements import MOST_SUBJECTS

FACETS_EXPLANATION = f"""
Takes the list's filters. Each group is counted under every filter but its own, so that beside a
chosen value its neighbours can be offered: with `?subject=math&language=uk`, `subjects` counts all
who teach in Ukrainian, and `languages` all who teach mathematics.

`from` and `to` of a bar are values for `price_min` and `price_max`; `min` of a step is one for
`experience_min`. The {MOST_SUBJECTS} most taught subjects are listed.
"""

_FACETS: dict[str, Any] = {
    "subjects": [
        {
            "code": "math",
            "label": {"uk": "Математика", "en": "Mathematics", "pl": "Matematyka"},
            "count": 12,
        },
        {
            "code": "макраме",
            "label": {"uk": "макраме", "en": "макраме", "pl": "макраме"},
            "count": 1,
        },
    ],
    "languages": [{"code": "uk", "count": 12}, {"code": "en", "count": 5}],
    "price": {
        "min": 150,
        "max": 480,
        "histogram": [
            {"from": 100, "to": 199, "count": 2},
            {"from": 200, "to": 299, "count": 6},
            {"from": 300, "to": 399, "count": 3},
            {"from": 400, "to": 499, "count": 1},
        ],
    },
    "experience": [{"min": 0, "count": 12}, {"min": 1, "count": 11}, {"min": 3, "count": 7}],
    "has_certifications": {"true": 4, "false": 8},
    "count_capped": False,
}
FACETS = {"facets": {"summary": "Twelve tutors, of mathematics or macramé", "value": _FACETS}}
