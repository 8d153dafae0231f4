"""Files of the pages at / and /docs, besides those that flask-swagger-ui ships. The only code here runs in browsers."""
