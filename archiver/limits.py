"""What holds where nobody says otherwise: how much is read, and which archive is meant."""

from pathlib import Path

MAX_ARTICLE_BYTES = 16 * 1024 * 1024
ARCHIVE = Path("archives")
