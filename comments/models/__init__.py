"""What is said, split by idea: comments, moderation, requests, mail."""

from .comment import Comment, CommentQuerySet, TimeCode
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
    "Mute",
    "Notice",
    "Report",
    "SavedFilter",
    "Stop",
    "TimeCode",
    "Unsubscription",
    "Vote",
]
