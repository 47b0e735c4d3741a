"""The settings that limit what one caller may do."""

from common.config.setting_types import Setting, flag, integer, only_true, rates

LIMITS: tuple[Setting, ...] = (
    Setting(
        "LOGIN_ACCOUNT_LIMIT",
        "10/minute;200/day",
        rates,
        "log-ins per account and address together",
    ),
    Setting(
        "LOGIN_GUESS_LIMIT",
        "100/hour",
        rates,
        "log-ins per account, from all browsers in which it has not logged in before together",
    ),
    Setting(
        "LOGIN_DEVICE_LIMIT",
        "10/minute;100/hour",
        rates,
        "log-ins per account in a browser in which it has logged in before",
    ),
    Setting(
        "LOGIN_ADDRESS_LIMIT",
        "60/minute",
        rates,
        "log-ins per address, and as many codes of second factors",
    ),
    Setting(
        "SECOND_FACTOR_LIMIT",
        "10/minute;50/day",
        rates,
        "codes at log-in per account, from all browsers in which it has not logged in before together",
    ),
    Setting(
        "SECOND_FACTOR_DEVICE_LIMIT",
        "10/minute;50/day",
        rates,
        "codes at log-in per account in a browser in which it has logged in before",
    ),
    Setting(
        "TWO_FACTOR_LIMIT",
        "10/minute;50/day",
        rates,
        "attempts to turn two factors on or off, per user",
    ),
    Setting("REGISTER_LIMIT", "30/hour;200/day", rates, "registrations per address"),
    Setting("REFRESH_LIMIT", "60/minute", rates, "token refreshes per address"),
    Setting("SESSION_END_LIMIT", "30/minute;300/day", rates, "ends of sessions per user"),
    Setting(
        "SESSION_REFRESH_LIMIT",
        "60/minute;2000/day",
        rates,
        "token refreshes per session, from all addresses",
    ),
    Setting("TRIGGER_LIMIT", "5/second;30/minute", rates, "telemetry triggers per user"),
    Setting(
        "EVENTS_LIMIT",
        "120/minute",
        rates,
        "batches of client events per user or address",
    ),
    Setting(
        "VISITOR_EVENT_BYTES",
        "4194304",
        integer(65_536, 1 << 40),
        "client events stored an hour per address without an account, in bytes",
    ),
    Setting(
        "USER_EVENT_BYTES",
        "8388608",
        integer(65_536, 1 << 40),
        "client events stored an hour per user, in bytes",
    ),
    Setting(
        "INSIGHTS_CALLER_LIMIT",
        "600",
        integer(1, 1_000_000),
        "profile views and searches counted an hour per user or address, in each process",
    ),
    Setting("AVATAR_LIMIT", "10/minute;100/day", rates, "avatar uploads per user"),
    Setting("PASSWORD_LIMIT", "10/minute", rates, "password checks outside log-in, per user"),
    Setting(
        "PASSWORD_RESET_LIMIT",
        "20/hour;100/day",
        rates,
        "requests for a new password per address",
    ),
    Setting(
        "MAILBOX_LIMIT",
        "5/hour;10/day",
        rates,
        "messages with a link that one mailbox can be made to get, and as many that verify it",
    ),
    Setting(
        "EMAIL_CHANGE_LIMIT",
        "5/hour;10/day",
        rates,
        "requests to change or verify the email, per user",
    ),
    Setting(
        "ONE_TIME_TOKEN_LIMIT",
        "30/minute;500/day",
        rates,
        "uses of links that came by mail, per address",
    ),
    Setting(
        "PROFILE_SAVE_LIMIT",
        "30/second;60/minute;1000/day",
        rates,
        "saves, publications and restores of a profile, per user",
    ),
    Setting(
        "AUTOSAVE_LIMIT",
        "120/minute;20000/day",
        rates,
        "saves and discards of a draft, per user",
    ),
    Setting(
        "SAVE_LIMIT",
        "60/minute;2000/day",
        rates,
        "changes of saved tutors and saved searches, per user",
    ),
    Setting(
        "SAVED_SEARCHES_LIMIT",
        "20/minute",
        rates,
        "reads of saved searches with their counts of new tutors, per user",
    ),
    Setting(
        "PUBLIC_READ_LIMIT",
        "600/minute",
        rates,
        "lists and facets that no cache answers, per user or address; exact in each process, and"
        " shared with others ten times a second",
    ),
    Setting(
        "RATE_LIMITS_ENABLED",
        "true",
        flag,
        "whether limits are enforced at all; production always does",
        parse_in_production=only_true,
    ),
    Setting(
        "MAX_BODY_BYTES",
        "1048576",
        integer(1, 16_777_216),
        "largest request body, avatars aside",
        parse_in_production=integer(131_072, 16_777_216),
    ),
)
