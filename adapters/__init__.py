"""One folder per technology; each implements ports of the domain with it.

An adapter converts, calls, and translates failures. It decides nothing, and knows neither the use cases nor the other
adapters.
"""
