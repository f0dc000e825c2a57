"""The platforms that are known. One line each: an import, and a place in the list.

Those that know their hosts come first; Mastodon, which may be on any host, comes last. Their patterns are text, compiled when
an address first needs them (`re` keeps what it compiled): a run pays only for the platforms it meets.
"""

from archiver.model import Platform
from archiver.platforms import (
    bluesky,
    dailymotion,
    facebook,
    flickr,
    instagram,
    linkedin,
    mastodon,
    pinterest,
    reddit,
    soundcloud,
    spotify,
    streamable,
    telegram,
    threads,
    tiktok,
    truthsocial,
    tumblr,
    twitch,
    twitter,
    vimeo,
    vk,
    youtube,
)

PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        twitter.PLATFORM,
        youtube.PLATFORM,
        instagram.PLATFORM,
        facebook.PLATFORM,
        tiktok.PLATFORM,
        bluesky.PLATFORM,
        threads.PLATFORM,
        truthsocial.PLATFORM,
        telegram.PLATFORM,
        reddit.PLATFORM,
        vk.PLATFORM,
        vimeo.PLATFORM,
        dailymotion.PLATFORM,
        soundcloud.PLATFORM,
        spotify.PLATFORM,
        streamable.PLATFORM,
        twitch.PLATFORM,
        linkedin.PLATFORM,
        pinterest.PLATFORM,
        flickr.PLATFORM,
        tumblr.PLATFORM,
        mastodon.PLATFORM,
    )
}
