"""The OpenAPI document: what the server takes and answers, in the words that other programs read.

One module for each blueprint describes its routes, and `contents` lists them; bounds, codes and forms come from where
they are enforced. Nothing here is imported before the document is first asked for.
"""
