"""How "never lose, never lie" is proved: one module a proof."""
