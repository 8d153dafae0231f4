"""Web application: validates requests, calls one use case and writes the response, with the status of each error.

Rules about models do not belong here, and neither does the container: `create_app` takes `WebDependencies`.
"""
