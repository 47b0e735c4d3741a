"""GET of the owner's card as strangers see it."""

from typing import Any

import orjson
from flask import Response

from common.docs.headers import HEADERS
from common.http.auth import required_user_id
from common.http.conditional import strong_etag, with_etag
from common.translation.reader import language_headers, reader_language
from profiles.editing import examples as editing_examples
from profiles.editing.blueprint import ETAG, IF_NONE_MATCH, PROBLEM, profile
from profiles.editing.profile.etags import PRIVATE, not_modified_privately
from profiles.preview.document import to_document
from profiles.preview.examples import NO_PUBLIC_PROFILE, PREVIEWS
from profiles.preview.reading import read_values
from profiles.preview.schemas import PreviewQuery, PublicPreview
from profiles.public.visibility import visibility

LANGUAGE = {"Content-Language": HEADERS["Content-Language"]}


@profile.route("/public/", methods=["GET"], parameters=[IF_NONE_MATCH])
@profile.login("required")
@profile.arguments(PreviewQuery, location="query")
@profile.response(200, PublicPreview, examples=PREVIEWS, headers=ETAG | LANGUAGE)
@profile.alt_response(304, description="The client's copy is current", headers=ETAG | LANGUAGE)
@profile.alt_response(404, description="Not a tutor", example=NO_PUBLIC_PROFILE, **PROBLEM)
@profile.alt_response(
    422, description="A draft that is not ready", example=editing_examples.INVALID, **PROBLEM
)
def read_own_public_profile(query: dict[str, Any]) -> Response:
    """Your profile as strangers see it

    The card as `GET /api/marketplace/tutors/{id}/` answers it, what a setting hides and what is
    missing, why the profile is not listed if it is not, and the score of the list's default order
    taken apart, with what would raise it. `?draft=true` shows the same as it would be if you
    published your draft now, and refuses a draft with the errors that its publication would
    answer. Nothing is written. Students and administrators have no public profile: a 404 with the
    code `no_public_profile`. Reasons and advice are in the reader's language.
    """
    shown = visibility(read_values(required_user_id(), with_draft=query["draft"]))
    language = reader_language()
    body = orjson.dumps(to_document(shown, language))
    etag = strong_etag(body)
    response = not_modified_privately(etag) or with_etag(
        Response(body, mimetype="application/json"), etag, PRIVATE
    )
    response.headers.update(language_headers(language))
    return response
