"""Reads one film and prints what is in it as JSON; run by probe.py in a process of its own.

A file can make a decoder eat all memory or never return, so this process limits itself before it
opens anything. It is run as a script and imports nothing of the site: starting costs 0.3 s.

    look_inside.py PATH PROTOCOLS FORMATS MAX_PIXELS            what the film is
    look_inside.py PATH PROTOCOLS FORMATS MAX_PIXELS SECONDS    its last keyframe at or before that
"""

import json
import resource
import sys

MEMORY_BYTES = 2 << 30
CPU_SECONDS = 30


def limit_this_process() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # A second apart, so that it ends by SIGXCPU: SIGKILL would look as if the machine had done it.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# As ISO/IEC 23091-2 numbers them, in the words of ffmpeg's filters. Zero is RGB, two unspecified.
MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
HDR_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}
FULL_RANGE = 2

# Top or bottom field first, coded and shown in one order or two; one is progressive.
INTERLACED_ORDERS = {2, 3, 4, 5}


def film_stream(container):
    """The first stream of moving pictures. A cover, as in music files, is a video stream too."""
    import av

    no_film = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    for stream in container.streams.video:
        if stream.codec_context is not None and not stream.disposition & no_film:
            return stream
    return None


def sound_stream(container):
    """The first sound that can be decoded: phones put a spatial one that cannot beside it."""
    for stream in container.streams.audio:
        if stream.codec_context is not None:
            return stream
    return None


def describe(container, max_pixels: int) -> dict:
    video = film_stream(container)
    facts = {
        "container": container.format.name,
        "stream_count": len(container.streams),
        "duration": container.duration / 1_000_000 if container.duration else 0.0,
        "audio_codec": None,
        "video_codec": None,
    }
    sound = sound_stream(container)
    if sound is not None:
        facts |= {"audio_codec": sound.codec_context.name, "audio_index": sound.index}
    if video is None:
        return facts

    context = video.codec_context
    facts |= {
        "video_codec": context.name,
        "video_index": video.index,
        "pixel_format": context.pix_fmt,
        "width": context.width,
        "height": context.height,
        # base_rate is nonsense where frames come at uneven times.
        "frame_rate": float(video.average_rate or 0),
    }
    if video.sample_aspect_ratio:
        facts["width"] = round(context.width * video.sample_aspect_ratio)
    if context.width * context.height > max_pixels or not context.width:
        return facts  # decoding one frame of this is the attack

    context.thread_count = 1
    frame = next(container.decode(video), None)
    facts["decodable"] = frame is not None
    if frame is not None:
        facts |= describe_frame(frame)
        facts["is_interlaced"] |= int(context.field_order) in INTERLACED_ORDERS
        # Only a decoded frame knows that a phone was held upright.
        if frame.rotation % 180:
            facts["width"], facts["height"] = facts["height"], facts["width"]
    return facts


def describe_frame(frame) -> dict:
    """What streams leave unsaid more often than frames do."""
    return {
        "is_interlaced": bool(frame.interlaced_frame),
        "transfer": HDR_TRANSFERS.get(int(frame.color_trc), ""),
        "matrix": MATRICES.get(int(frame.colorspace), ""),
        "is_full_range": int(frame.color_range) == FULL_RANGE or "yuvj" in frame.format.name,
    }


def keyframe_before(container, seconds: float) -> dict:
    video = film_stream(container)
    container.seek(int(seconds / video.time_base), stream=video, backward=True)
    for packet in container.demux(video):
        if packet.is_keyframe and packet.pts is not None:
            return {"keyframe": max(0.0, float(packet.pts * video.time_base))}
    return {"keyframe": 0.0}


def main(path: str, protocols: str, formats: str, max_pixels: str, seconds: str = "") -> dict:
    limit_this_process()
    import av

    av.logging.set_level(None)
    options = {"protocol_whitelist": protocols, "format_whitelist": formats}
    try:
        with av.open(f"file:{path}", container_options=options) as container:
            if seconds:
                return keyframe_before(container, float(seconds))
            return describe(container, int(max_pixels))
    except (av.FFmpegError, ValueError, OverflowError, ZeroDivisionError) as error:
        return {"unreadable": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
