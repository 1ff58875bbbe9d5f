"""What an instructor may submit at the desk, beside an answer."""

from django import forms

from comments.models import ClassRequest


class RequestForm(forms.ModelForm):
    """What members read in the list of requests."""

    class Meta:
        model = ClassRequest
        fields = ["title"]
