"""A person's own pages, a module for each; sign-in and sign-up are allauth's."""
