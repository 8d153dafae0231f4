"""The OpenAPI document: what the server takes and answers.

One module for each protocol describes its operations; bounds, codes and wordings come from where they are enforced.
Nothing here is imported before the document is first asked for.
"""
