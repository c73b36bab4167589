"""Runs AcmeCo's processes on one machine: for `make run`, for the tests, for the benches."""
