"""Requests in the words of the protocol, and what comes back."""

import orjson

INFER = "/v2/models/endeavour/infer"


def tensor(data, shape, name="X", datatype="FP64", **more):
    return {"name": name, "shape": list(shape), "datatype": datatype, "data": data, **more}


def infer(client, *tensors, path=INFER, headers=None, **more):
    body = orjson.dumps({"inputs": list(tensors), **more})
    return client.post(path, data=body, content_type="application/json", headers=headers)


def result(response):
    """Return the predictions after checking that they are the one output, as the metadata promise it."""
    assert response.status_code == 200, response.data
    assert response.content_type == "application/json"
    (output,) = response.json["outputs"]
    assert (output["name"], output["datatype"]) == ("result", "FP64")
    assert output["shape"] == [len(output["data"])]
    return output["data"]
