"""Measurements that anyone can run again; each module says its command."""
