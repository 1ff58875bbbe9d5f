"""From an uploaded file to one that members watch.

    bringing_in                  the one way in: a row, its master, a task
    processing                   the two steps that follow, and a preview or poster made anew
        probe, look_inside       what is in the file, and whether it is a film
        remux                    a copy of it that plays at once
        plan, encode, playlists  its renditions
        extras, pictures         what lies beside them: one MP4, storyboard, preview, poster
        check                    whether all of that is what players need
    orders                       what a curator may order: stop, try again, make anew
    attempts, slots              who works on a film, how it ended, and how many at once
    showing, clearing            what becomes visible, and what goes
    layout, stores, s3_store     where files lie and what they are called
    ffmpeg, whole_files, errors  what the others stand on

What stands below `processing` knows nothing of the database: it takes paths, gives frozen
dataclasses, and refuses with `errors.FilmRefused`, whose sentences are translated later.
"""
