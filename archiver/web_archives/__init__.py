"""What web archives hold: their index (`cdx`), their copies (`memento`), and a post that is gone read out of one (`recover`).

Nothing here opens a connection: every address is asked through the `Get` that is handed in, so that each answer is kept first
and stand-ins serve the same.
"""
