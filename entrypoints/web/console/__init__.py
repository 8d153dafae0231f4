"""Console: pages for people, rendered on the server; a page shows what use cases return, and computes nothing itself.

No page loads a file of another host, and no page needs its script.
"""
