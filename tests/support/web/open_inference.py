"""Requests and responses of the Open Inference Protocol."""

import orjson

INFER = "/v2/models/endeavour/infer"


def tensor(data, shape, name="X", datatype="FP64", **more):
    return {"name": name, "shape": list(shape), "datatype": datatype, "data": data, **more}


def infer(client, *tensors, path=INFER, headers=None, **more):
    body = orjson.dumps({"inputs": list(tensors), **more})
    return client.post(path, data=body, content_type="application/json", headers=headers)


def result(response):
    """Return the predictions of a response that must have the one output of the metadata."""
    assert response.status_code == 200, response.data
    assert response.content_type == "application/json"
    (output,) = response.json["outputs"]
    assert (output["name"], output["datatype"]) == ("result", "FP64")
    assert output["shape"] == [len(output["data"])]
    return output["data"]
