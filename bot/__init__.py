"""Shequn (社群): the engine that runs a WeChat community group."""

__version__ = "0.1.0"
