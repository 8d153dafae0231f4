"""The Open Inference Protocol V2 over REST, which KServe, Triton and MLServer share.

Tensors are converted to rows, and predictions to a tensor. Models and predictions are those of the other routes.
"""
