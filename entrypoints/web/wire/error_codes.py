"""Error codes: every code of an error response, by status, with its meaning, and those of the domain's errors."""

from collections.abc import Mapping

from domain.delivery.errors import InvalidFeedbackToken, NoModelLoaded, OrderOutdated, OrderRefused
from domain.errors import EndeavourError
from domain.model.errors import (
    FeatureNotFinite,
    FeatureOutOfRange,
    IntervalNotFinite,
    IntervalUnavailable,
    InvalidRow,
    MissingFeature,
    PredictionNotFinite,
    UnknownFeature,
    UnknownLevel,
    VersionNotAtHand,
    WrongKind,
)

CODES: Mapping[int, Mapping[str, str]] = {
    400: {
        "invalid_header": "the header X-Endeavour-Model has another value than champion or challenger",
        "invalid_parameter": "a parameter of the address has another value than those that are listed",
        "empty_body": "the body is empty",
        "bad_json": "the body is not JSON; NaN and Infinity are not JSON",
        "bad_csv": "the body is not CSV: a quote is open or out of place, or a cell is too long",
        "invalid_encoding": "the body is not UTF-8, or begins with a byte order mark",
        "too_deep": "lists and objects are nested too deeply",
        "duplicate_key": "two columns or two tensors have the same name",
        "not_object": "the body is JSON, but not an object",
        "missing_field": "a required key is missing",
        "unknown_field": "a key is unknown",
        "wrong_type": "a value has another type than the column, a list or an object",
        "wrong_shape": "lists and objects are nested in another way than the schema",
        "length_mismatch": "the length of the body is not that of Content-Length",
    },
    401: {"unauthorized": "the key is missing or unknown"},
    403: {
        "forbidden": "the roles of the key do not cover the request",
        "orders_need_keys": "the server has no keys, and orders take a key",
    },
    404: {
        "not_found": "no route has this path",
        "no_challenger": "the header X-Endeavour-Model chooses the challenger, and no rollout has one here now",
        "unknown_version": "no such version is listed",
    },
    405: {"method_not_allowed": "the path has other methods, which the header Allow lists"},
    409: {
        "outdated": "what the client has seen has changed since; nothing was done",
        "order_refused": "the order makes no sense now; nothing was done",
        "version_not_at_hand": "the version is listed, but this host cannot read it; the detail gives the reason",
    },
    411: {"length_required": "a body of this type needs the header Content-Length"},
    413: {"body_too_large": "the body is longer than the limit"},
    415: {
        "unsupported_media_type": "the media type of the body is not supported",
        "unsupported_encoding": "the body is compressed",
    },
    421: {"wrong_host": "the server has no keys, and the Host is not a name of its machine"},
    422: {
        "wrong_feature_count": "a row has more or fewer values than the model has features",
        "missing_field": "a row lacks a feature of the model",
        "unknown_field": "a row names a feature that the model lacks",
        "unknown_level": "a text is none of those that the model has learned from, and the server rejects them",
        "not_finite": "a number is beyond a 64-bit float",
        "out_of_range": "a number is larger in magnitude than the limit, or a level is not from 0.5 to 0.99",
        "result_not_finite": "the prediction, or an end of its interval, is beyond a 64-bit float",
        "no_interval": "the model has no prediction interval at this level; the detail gives the reason",
        "too_many_rows": "the request has more rows than the limit",
        "invalid_token": "a text is no feedback token that this service has signed",
    },
    429: {"rate_limited": "the client sent too many requests; Retry-After is the time to wait, in seconds"},
    500: {"internal_error": "the server failed; its log has the reason under the request id"},
    503: {
        "no_model": "no model is loaded; the detail gives the reason",
        "overloaded": "the server processes as many requests as it can",
        "unreadable": "the host cannot read what the answer is made of now",
    },
}
# The most derived class that is listed decides.
DOMAIN_ERRORS: Mapping[type[EndeavourError], tuple[int, str]] = {
    InvalidRow: (422, "wrong_feature_count"),
    MissingFeature: (422, "missing_field"),
    UnknownFeature: (422, "unknown_field"),
    WrongKind: (400, "wrong_type"),
    UnknownLevel: (422, "unknown_level"),
    FeatureNotFinite: (422, "not_finite"),
    FeatureOutOfRange: (422, "out_of_range"),
    PredictionNotFinite: (422, "result_not_finite"),
    IntervalNotFinite: (422, "result_not_finite"),
    IntervalUnavailable: (422, "no_interval"),
    InvalidFeedbackToken: (422, "invalid_token"),
    NoModelLoaded: (503, "no_model"),
    OrderOutdated: (409, "outdated"),
    OrderRefused: (409, "order_refused"),
    VersionNotAtHand: (409, "version_not_at_hand"),
}
