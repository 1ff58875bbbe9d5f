"""From a film that is ready to one that plays before a member.

    watching   who may watch, and why not: the one place where that is decided
    words      the same as a sentence, wherever a film is asked for
    playback   what a player is told: addresses of the film, its captions, its storyboard
    passes     what opens these addresses, and for how long: a token and a cookie
    delivery   what answers there: the site itself, nginx, or a link into the bucket
    serving    a file in answer to a range, where the site itself sends it
    hls        the script that plays a ladder where a browser cannot

What answers at an address asks the pass alone; `watching` was asked when the pass was made. What is
made of an upload before all this stands in `classes.video`.
"""
