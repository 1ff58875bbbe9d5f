"""Addresses of what is said."""

from django.urls import path

from comments.feeds import comments_feed
from comments.views import apart, desk, mail, moderating, picker, reading, requests, writing

app_name = "comments"

urlpatterns = [
    path("comments/<int:pk>/", reading.permalink, name="permalink"),
    path("classes/<slug:slug>/comments/", writing.post, name="post"),
    path("classes/<slug:slug>/comments/feed/", comments_feed, name="feed"),
    path("classes/<slug:slug>/conversation/", apart.conversation, name="conversation"),
    path("comments/<int:pk>/edit/", writing.edit, name="edit"),
    path("comments/<int:pk>/remove/", writing.remove, name="remove"),
    path("comments/<int:pk>/report/", moderating.report, name="report"),
    path("comments/<int:pk>/pin/", moderating.pin, name="pin"),
    path("comments/<int:pk>/unpin/", moderating.unpin, name="unpin"),
    # Not under "comments/": two parts after the slug are a variant's address.
    path("classes/<slug:slug>/close-comments/", moderating.close, name="close"),
    path("classes/<slug:slug>/reopen-comments/", moderating.reopen, name="reopen"),
    path("comments/pick/", picker.begin, name="begin_pick"),
    path("comments/pick/<slug:key>/", picker.pick, name="pick"),
    path("comments/lists/", picker.lists, name="lists"),
    path("comments/lists/<int:pk>/", picker.change_list, name="list"),
    path("requests/", requests.request_list, name="requests"),
    path("requests/<int:pk>/vote/", requests.vote, name="request_vote"),
    path("requests/<int:pk>/tie/", requests.tie, name="request_tie"),
    path("requests/<int:pk>/untie/", requests.untie, name="request_untie"),
    path("mail/<str:token>/", mail.mail, name="mail"),
    path("comments/<int:pk>/mute/", mail.mute, name="mute"),
    path("my/mail/", mail.my_mail, name="my_mail"),
    path("desk/", desk.desk, name="desk"),
    path("desk/<int:pk>/", desk.desk_answer, name="desk_answer"),
    path("desk/<int:pk>/keep/", desk.desk_keep, name="desk_keep"),
]
