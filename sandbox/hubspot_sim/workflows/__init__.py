"""Workflows: records are enrolled, the app's custom actions are called, answers and callbacks advance the records.

One noun per file, in the order an execution travels: actions (what the project declares) -> workflow (what a person
configured) -> enrolment (which records) -> payloads -> engine (when to call, what an answer means) -> sandbox.courier
(a process of its own that signs and sends) -> answers -> history, sentences. callbacks: completes blocked executions.
"""
