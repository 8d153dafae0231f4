"""HTTP: what a request's form is, what an answer looks like, and which status an error of the domain becomes.

Views parse, call one use case and return. They hold no rule about models, and no model.
"""
