"""How "never lose, never lie" is proved: one module a proof. `python -m benchmarks.proof` runs them all; docs/proof.md says
what each of them means, and what it does not.
"""
