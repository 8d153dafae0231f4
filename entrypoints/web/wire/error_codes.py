"""Every code that an error answer may carry, by status, and what each means: the one list of them."""

from collections.abc import Mapping

CODES: Mapping[int, Mapping[str, str]] = {
    400: {
        "empty_body": "the body is empty",
        "bad_json": "the body is not JSON, of which NaN and Infinity are no part",
        "bad_csv": "the body is not CSV: a quote is open or out of place, or a cell is too long",
        "invalid_encoding": "the body is not UTF-8, or begins with a byte order mark",
        "too_deep": "lists and objects are nested too deep",
        "duplicate_key": "two columns or two tensors have the same name",
        "not_object": "the body is JSON, but no object",
        "missing_field": "a key that must be there is not",
        "unknown_field": "a key is there that means nothing",
        "wrong_type": "something stands where a number, a list or an object should",
        "wrong_shape": "lists and objects are nested otherwise than they should be",
        "length_mismatch": "the body has not the length that Content-Length says",
    },
    401: {"unauthorized": "there is no key, or none that is known"},
    403: {"forbidden": "the key is known, but may not do this"},
    404: {"not_found": "there is nothing at this path"},
    405: {"method_not_allowed": "the path has other methods, which the header Allow tells"},
    411: {"length_required": "a body of this type must say its length"},
    413: {"body_too_large": "the body has more bytes than are read"},
    415: {
        "unsupported_media_type": "the body is of a type that is not read",
        "unsupported_encoding": "the body is compressed",
    },
    421: {"wrong_host": "the server has no keys, and the Host is no name of the machine it answers to"},
    422: {
        "wrong_feature_count": "a row has more or fewer values than the model has features",
        "missing_field": "a row lacks a feature of the model",
        "unknown_field": "a row names a feature that the model has not",
        "not_finite": "a number is beyond a 64-bit float",
        "out_of_range": "a number is larger in magnitude than can be predicted from",
        "result_not_finite": "the prediction is beyond a 64-bit float",
        "too_many_rows": "there are more rows than one request may have",
    },
    429: {"rate_limited": "there were too many requests lately; Retry-After tells when to come back"},
    500: {"internal_error": "the server failed; the request id finds out why in its log"},
    503: {
        "no_model": "there is no model to predict with; the detail says why",
        "overloaded": "the server is too busy at this moment",
    },
}
