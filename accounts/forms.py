"""What a person says about themselves."""

from django import forms


class SignupForm(forms.Form):
    display_name = forms.CharField(max_length=40)

    def signup(self, request, user) -> None:
        user.display_name = self.cleaned_data["display_name"]
        user.save()
