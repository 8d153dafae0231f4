"""The page at /docs: what it is made of besides the files that flask-swagger-ui ships. No code but in the browser."""
