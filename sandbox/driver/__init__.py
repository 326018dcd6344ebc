"""Drives a running sandbox for tests, journeys and benchmarks, without a browser.

`Portal` is a customer's HubSpot portal, `Gateway` the SMSFactor simulator. One noun or verb per file; `Portal`
combines the files about HubSpot. Both classes offer the simulators' control API (`Control`).
"""
