"""The stable names of faults: the `code` of every problem document, for programs to act on.

A code never changes its meaning; `detail` may be reworded and translated.
"""

from enum import StrEnum


class ProblemCode(StrEnum):
    """All codes, by status."""

    # 400
    MALFORMED_REQUEST = "malformed_request"
    MALFORMED_JSON = "malformed_json"
    MALFORMED_HEADER = "malformed_header"
    MALFORMED_FORM = "malformed_form"
    INVALID_CURSOR = "invalid_cursor"
    INVALID_HOST = "invalid_host"
    INVALID_CREDENTIALS = "invalid_credentials"
    WRONG_PASSWORD = "wrong_password"
    SECOND_FACTOR_REQUIRED = "second_factor_required"
    INVALID_TICKET = "invalid_ticket"
    WRONG_CODE = "wrong_code"
    INVALID_ONE_TIME_TOKEN = "invalid_one_time_token"
    # 401
    LOGIN_REQUIRED = "login_required"
    INVALID_TOKEN = "invalid_token"
    EXPIRED_TOKEN = "expired_token"
    INACTIVE_ACCOUNT = "inactive_account"
    NO_SESSION = "no_session"
    # 403 to 431
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    NO_PUBLIC_PROFILE = "no_public_profile"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    REQUEST_TIMEOUT = "request_timeout"
    CONFLICT = "conflict"
    EMAIL_TAKEN = "email_taken"
    SAVED_LIMIT_REACHED = "saved_limit_reached"
    PRECONDITION_FAILED = "precondition_failed"
    BODY_TOO_LARGE = "body_too_large"
    ADDRESS_TOO_LONG = "address_too_long"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    UNSUPPORTED_ENCODING = "unsupported_encoding"
    RANGE_NOT_SATISFIABLE = "range_not_satisfiable"
    EXPECTATION_FAILED = "expectation_failed"
    INVALID_VALUES = "invalid_values"
    PRECONDITION_REQUIRED = "precondition_required"
    RATE_LIMITED = "rate_limited"
    HEADERS_TOO_LARGE = "headers_too_large"
    # 500 and above
    INTERNAL_ERROR = "internal_error"
    NOT_IMPLEMENTED = "not_implemented"
    BUSY = "busy"
    DATABASE_UNAVAILABLE = "database_unavailable"
    STORAGE_UNAVAILABLE = "storage_unavailable"


MEANINGS: dict[ProblemCode, str] = {
    ProblemCode.MALFORMED_REQUEST: "400: the request or its address breaks the rules of HTTP",
    ProblemCode.MALFORMED_JSON: "400: the body is no JSON, or is nested too deep",
    ProblemCode.MALFORMED_HEADER: "400: a header breaks its grammar, or is too long",
    ProblemCode.MALFORMED_FORM: "400: the multipart body can't be taken apart",
    ProblemCode.INVALID_CURSOR: "400: a cursor of another list, ordering or filter",
    ProblemCode.INVALID_HOST: "400: the Host is malformed, or none that the service answers to",
    ProblemCode.INVALID_CREDENTIALS: "400: email and password do not log in",
    ProblemCode.WRONG_PASSWORD: "400: the password of the signed-in account is another one",
    ProblemCode.SECOND_FACTOR_REQUIRED: "400: the password is right; send a code with the `ticket`",
    ProblemCode.INVALID_TICKET: "400: a log-in's ticket is unknown, used or expired; log in again",
    ProblemCode.WRONG_CODE: "400: the code of the second factor is wrong, or has been used",
    ProblemCode.INVALID_ONE_TIME_TOKEN: "400: the token of a link is malformed, used, expired or another's",
    ProblemCode.LOGIN_REQUIRED: "401: there is no access token",
    ProblemCode.INVALID_TOKEN: "401: the access token is broken; log in again",
    ProblemCode.EXPIRED_TOKEN: "401: the access token has expired; refresh it",
    ProblemCode.INACTIVE_ACCOUNT: "401: the account of the access token is no longer active",
    ProblemCode.NO_SESSION: "401: no refresh cookie, or one of a session that has ended",
    ProblemCode.FORBIDDEN: "403: not allowed to this caller",
    ProblemCode.NOT_FOUND: "404: nothing at this address, or nothing this caller may see",
    ProblemCode.NO_PUBLIC_PROFILE: "404: the account is no tutor's, so it has no public profile",
    ProblemCode.METHOD_NOT_ALLOWED: "405: the address has other methods, named in `Allow`",
    ProblemCode.REQUEST_TIMEOUT: "408: the request did not arrive in full in time",
    ProblemCode.CONFLICT: "409: the change contradicts the present state",
    ProblemCode.EMAIL_TAKEN: "409: an account with this email exists",
    ProblemCode.SAVED_LIMIT_REACHED: "409: as many are saved as can be; remove one first",
    ProblemCode.PRECONDITION_FAILED: "412: `If-Match` or `If-None-Match` does not hold",
    ProblemCode.BODY_TOO_LARGE: "413: the body exceeds the operation's size",
    ProblemCode.ADDRESS_TOO_LONG: "414: the address is too long",
    ProblemCode.UNSUPPORTED_MEDIA_TYPE: "415: the body has another media type or charset",
    ProblemCode.UNSUPPORTED_ENCODING: "415: the body is compressed; send it as it is",
    ProblemCode.RANGE_NOT_SATISFIABLE: "416: the file has no such range",
    ProblemCode.EXPECTATION_FAILED: "417: the `Expect` header asks for what is not supported",
    ProblemCode.INVALID_VALUES: "422: `errors` names each field and what would be right",
    ProblemCode.PRECONDITION_REQUIRED: "428: send `If-Match`",
    ProblemCode.RATE_LIMITED: "429: wait as long as `Retry-After` says",
    ProblemCode.HEADERS_TOO_LARGE: "431: the headers are too large or too many",
    ProblemCode.INTERNAL_ERROR: "500: a fault of the service; quote the request id",
    ProblemCode.NOT_IMPLEMENTED: "501: the transfer coding or method is not supported",
    ProblemCode.BUSY: "503: the service has no room for this call just now; try again",
    ProblemCode.DATABASE_UNAVAILABLE: "503: the database is away for the moment",
    ProblemCode.STORAGE_UNAVAILABLE: "503: files can't be stored or read for the moment",
}

# Of a problem that names no code of its own.
DEFAULTS: dict[int, ProblemCode] = {
    400: ProblemCode.MALFORMED_REQUEST,
    401: ProblemCode.INVALID_TOKEN,
    403: ProblemCode.FORBIDDEN,
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.METHOD_NOT_ALLOWED,
    408: ProblemCode.REQUEST_TIMEOUT,
    409: ProblemCode.CONFLICT,
    412: ProblemCode.PRECONDITION_FAILED,
    413: ProblemCode.BODY_TOO_LARGE,
    414: ProblemCode.ADDRESS_TOO_LONG,
    415: ProblemCode.UNSUPPORTED_MEDIA_TYPE,
    416: ProblemCode.RANGE_NOT_SATISFIABLE,
    417: ProblemCode.EXPECTATION_FAILED,
    422: ProblemCode.INVALID_VALUES,
    428: ProblemCode.PRECONDITION_REQUIRED,
    429: ProblemCode.RATE_LIMITED,
    431: ProblemCode.HEADERS_TOO_LARGE,
    500: ProblemCode.INTERNAL_ERROR,
    501: ProblemCode.NOT_IMPLEMENTED,
    503: ProblemCode.BUSY,
}


def default_code(status: int) -> ProblemCode:
    """The code of a status whose problem names none."""
    fallback = ProblemCode.MALFORMED_REQUEST if status < 500 else ProblemCode.INTERNAL_ERROR
    return DEFAULTS.get(status, fallback)
