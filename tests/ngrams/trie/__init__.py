"""Tests of the chain of orders."""
