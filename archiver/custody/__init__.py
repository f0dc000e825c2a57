"""In whose hands the archive was, and what leaves it: withholding, and copies for handing over.

Nothing is removed from the archive itself. What is withheld stays there, and leaves exports.
"""
