"""The names that clients use for the model's one input and one output."""

# A tensor of all features, and the tensor of predictions; as in the requests and answers of the other routes.
MATRIX, RESULT = "X", "result"
# What is predicted, and the nearest to it that the protocol's metadata can say.
DATATYPE, ANY_NUMBER = "FP64", -1
