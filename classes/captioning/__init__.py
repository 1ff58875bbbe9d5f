"""What is said in a film, from a curator's file to the words under the player.

    webvtt       WebVTT or SubRip in, every fault named by its line; one strict WebVTT out
    cue_markup   what stands in a cue beside its words
    transcript   the same words to be read, in the language that suits the reader

Rows of them are `models.captions`; `webvtt` and `cue_markup` know of no database.
"""
