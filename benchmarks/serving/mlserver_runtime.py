"""The model as MLServer's documentation has it: a class with `load` and `predict`; MLServer imports this file."""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Linear(MLModel):
    """y = X · coefficients + intercept."""

    async def load(self) -> bool:
        *self.coefficients, self.intercept = np.load(self.settings.parameters.uri)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = NumpyCodec.decode_input(payload.inputs[0])
        values = np.einsum("ij,j->i", rows, np.array(self.coefficients)) + self.intercept
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("result", values)])
