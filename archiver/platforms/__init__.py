"""The platforms that are known. One line each: an import, and a place in the list."""

from archiver.model import Platform
from archiver.platforms import twitter

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in (twitter.PLATFORM,)}
