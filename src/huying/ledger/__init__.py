"""Ledger (账): accounts and transfers in minutes, points, fen and goods; one writer; seals."""
