"""The OpenAPI document.

One module describes the operations of each tag. Bounds, codes and error formats are imported from the modules that
enforce them. The package is imported at the first request for the document.
"""
