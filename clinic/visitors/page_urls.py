"""Addresses of the pages that visitors see."""

from django.urls import path

from clinic.visitors import pages

urlpatterns = [path("", pages.home, name="home")]
