"""Tests of gateway.wecom."""
