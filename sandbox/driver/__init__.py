"""Drives a running sandbox as tests, journeys and benchmarks need it, without a browser.

`Portal` is a customer's HubSpot portal, `Gateway` the SMSFactor simulator. One noun or verb per file; `Portal` joins
those that happen in HubSpot. Both have the simulators' control API (`Control`).
"""
