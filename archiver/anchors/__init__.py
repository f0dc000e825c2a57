"""Heads of the ledger put down where whoever holds the archive cannot rewrite them: files, RFC 3161, OpenTimestamps.

A chain of hashes shows what was altered, unless all of it is made again. An anchor is a head of the chain that stands
elsewhere. What a time stamp proves is that these bytes existed no later than its time, and nothing more.
"""
