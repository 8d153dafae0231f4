"""Packages of the extra `train`, which servers need only if their registry is a database."""

OF_TRAINING = ("matplotlib", "mlflow", "pyarrow")
INSTALL_TRAINING = "install the extra `train`, as in `endeavour[train]`"
