"""WARC 1.1 (ISO 28500:2017): records as bytes, segments they are appended to, and reading them back."""
