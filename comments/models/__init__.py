"""What is said, split by idea: comments, moderation, requests, mail."""

from .comment import Comment, CommentQuerySet, GoneSending, TimeCode
from .conversation import Conversation
from .mail import Mute, Notice, Unsubscription
from .moderation import Decision, Report, Stop
from .requests import ClassRequest, SavedFilter, Vote

__all__ = [
    "ClassRequest",
    "Comment",
    "CommentQuerySet",
    "Conversation",
    "Decision",
    "GoneSending",
    "Mute",
    "Notice",
    "Report",
    "SavedFilter",
    "Stop",
    "TimeCode",
    "Unsubscription",
    "Vote",
]
