"""Examples for the OpenAPI page of two factors."""

from profiles.accounts.examples import ACCOUNT, SIGNED_IN, problem

TICKET = "vJ1r0eVQ8kq2mQmXn0G2b4v5o3m6d8cJ9q7w1s2e3r4"
ENROLMENT = {
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/Tutor%20marketplace:olena.shevchenko%40example.com"
    "?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tutor%20marketplace",
}
CODE = {"code": "492039"}
RECOVERY_CODES = {
    "recovery_codes": [
        "7kqm-x2dp-9wvb-h4tz",
        "n3fc-8rjy-2mzq-w6kd",
        "v3v9-5p6m-xy5g-3cpx",
        "wa68-jw9h-ku3t-yna9",
        "hpf5-rzmj-huwg-exv2",
        "2f58-fn4j-csnk-me2s",
        "yjdy-txfv-5c4x-tnhj",
        "ac4g-fzxj-ru2g-ffpv",
        "pvza-5y4m-u84t-fwux",
        "5fqz-tm2k-bd8r-c9he",
    ]
}
SIGNED_IN_BY_CODE = {
    **SIGNED_IN,
    "user": {**ACCOUNT, "two_factor": True},
}
SECOND_STEP = {"ticket": TICKET, "code": "492039"}
REMOVAL = {"password": "a long walk at dusk", "code": "492039"}

SECOND_FACTOR_REQUIRED = problem(
    400,
    "Bad Request",
    "Send the code of your authenticator, or a recovery code.",
    code="second_factor_required",
    ticket=TICKET,
)
INVALID_TICKET = problem(
    400,
    "Bad Request",
    "The log-in has been finished or has taken too long; log in again.",
    error="invalid_grant",
    code="invalid_ticket",
)
WRONG_CODE = problem(
    400,
    "Bad Request",
    "The code is not right, or has been used; wait for the next one and try again.",
    code="wrong_code",
)
ALREADY_ON = problem(
    409, "Conflict", "Two factors are on already; turn them off first.", code="conflict"
)
OFF = problem(404, "Not Found", "Two factors are off.", code="not_found")
