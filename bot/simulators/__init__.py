"""Platforms on this machine: each speaks a platform's protocol from its public documentation, with its faults.

Part of the product: `make channels-demo` shows their phones side by side, and the tests of every adapter run against them.
"""
