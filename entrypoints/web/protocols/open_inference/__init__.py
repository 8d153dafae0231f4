"""The Open Inference Protocol V2 over REST, as KServe, Triton and MLServer speak it: its words for what we do.

Tensors come in and go out; rows, models and predictions are those of the other routes.
"""
